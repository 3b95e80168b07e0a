// The npm packages: one with the launcher and the framework, and one per platform with nothing but its executable, which
// npm chooses by `os`, `cpu` and `libc`. No package has an install script.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import manifest from "../package.json";
import { binaryName, type Target } from "./targets.ts";

const root = dirname(import.meta.dir);

export interface NpmOptions {
  version: string;
  targets: readonly Target[];
  /** Folder with the executables of the release. */
  binaries: string;
  /** Folder to write: `mosaic/`, `mosaic-linux-x64/`, … below it are what `npm publish` takes. */
  out: string;
}

/** Writes every package, replacing what was there. */
export function writeNpmPackages({ version, targets, binaries, out }: NpmOptions): void {
  rmSync(out, { recursive: true, force: true });
  for (const target of targets) writePlatform(target, { version, binaries, out });
  writeMain(`${out}/mosaic`, { version, targets });
}

/** What every package says of itself. */
function common(version: string) {
  const { description, license } = manifest;
  return { version, description, license };
}

function writePlatform(
  target: Target,
  { version, binaries, out }: Pick<NpmOptions, "version" | "binaries" | "out">,
): void {
  const folder = `${out}/mosaic-${target.name}`;
  mkdirSync(folder, { recursive: true });
  const { os, cpu, libc } = target;
  // `npm ci --omit=optional` aside, npm installs the one that fits and leaves out all others.
  const fits = { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }) };
  const files = ["mosaic"];
  writeJson(`${folder}/package.json`, {
    name: packageName(target),
    ...common(version),
    files,
    ...fits,
  });
  copyFileSync(`${root}/LICENSE`, `${folder}/LICENSE`);
  linkOrCopy(`${binaries}/${binaryName(version, target)}`, `${folder}/mosaic`);
}

function writeMain(
  folder: string,
  { version, targets }: Pick<NpmOptions, "version" | "targets">,
): void {
  mkdirSync(`${folder}/dist`, { recursive: true });
  const { name, bin, files, engines } = manifest;
  const optionalDependencies = Object.fromEntries(
    targets.map((target) => [packageName(target), version]),
  );
  writeJson(`${folder}/package.json`, {
    name,
    ...common(version),
    bin,
    files: files.filter((pattern) => !pattern.startsWith("!")),
    engines,
    optionalDependencies,
  });
  for (const file of ["README.md", "LICENSE"]) {
    copyFileSync(`${root}/${file}`, `${folder}/${file}`);
  }
  copyLauncher(`${folder}/dist`);
  cpSync(`${root}/framework`, `${folder}/framework`, { recursive: true });
}

/** Puts the launcher into a `dist` folder, under the name that `bin` gives it. */
export function copyLauncher(dist: string): void {
  copyFileSync(`${root}/release/launcher.cjs`, `${dist}/mosaic.cjs`);
  chmodSync(`${dist}/mosaic.cjs`, 0o755);
}

function packageName(target: Target): string {
  return `${manifest.name}-${target.name}`;
}

/** A hundred megabytes need not be there twice; on another file system they have to. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

function writeJson(file: string, value: object): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
