// `npm run release`: every target's executable, its archives, checksums, their signature, the manifest, the notes and
// install.sh, in dist/release as a web server has to serve them, and the npm packages in dist/npm. Everything is made in a folder beside it and renamed at
// the end: what lies there is whole.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { smokeRun } from "../build.ts";
import { version } from "../src/version.ts";
import { type Artifact, artifactOf, minimumGlibc, writeArchives } from "./archives.ts";
import { commitOf, compile } from "./compile.ts";
import { releaseNotes } from "./notes.ts";
import { writeNpmPackages } from "./npm-packages.ts";
import { parseOptions } from "./options.ts";
import { sealRelease } from "./seal.ts";
import { secondTree } from "./second-tree.ts";
import { openSigner } from "./signing.ts";
import { binaryName, type Target, targets } from "./targets.ts";

const root = dirname(import.meta.dir);

interface Built {
  target: Target;
  binary: Artifact;
  archives: Artifact[];
  /** What it asks of the host besides its own libc. */
  needs: { minimumGlibc?: string | undefined; libraries?: readonly string[] };
}

/** Throws, with the command that helps, when the tree is not clean, a key is missing, or two builds differ. */
export async function release(args: readonly string[]): Promise<void> {
  const options = parseOptions(args, process.env);
  const signer = openSigner(options.keyFile, process.env);
  const notes = releaseNotes(readFileSync(`${root}/CHANGELOG.md`, "utf8"), version);
  using again = options.isProven ? secondTree(root) : undefined;
  const out = resolve(options.out ?? `${root}/dist/release`);
  const staging = `${out}.new`;
  const folder = `${staging}/${version}`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const keys = [signer.publicKey, ...options.trusted];
  const built: Built[] = [];
  for (const target of targets.filter(({ name }) => options.targets?.includes(name) ?? true)) {
    const one = await buildTarget({ target, folder, keys });
    if (again !== undefined) await proveSame(one, { tree: again.root, keys });
    print(rowOf(one, again !== undefined));
    built.push(one);
  }
  writeFileSync(`${folder}/RELEASE-NOTES.md`, notes);
  writeFileSync(`${folder}/manifest.json`, `${JSON.stringify(manifestOf(built, keys), null, 2)}\n`);
  sealRelease(staging, { version, signer, baseUrl: options.baseUrl });
  rmSync(out, { recursive: true, force: true });
  renameSync(staging, out);
  writeNpmPackages({
    version,
    targets: built.map(({ target }) => target),
    binaries: `${out}/${version}`,
    out: `${dirname(out)}/npm`,
  });
  print(`${out}: mosaic ${version} (${commitOf(root)}), key ${signer.publicKey}`);
}

async function buildTarget(work: {
  target: Target;
  folder: string;
  keys: readonly string[];
}): Promise<Built> {
  const { target, folder, keys } = work;
  const outfile = `${folder}/${binaryName(version, target)}`;
  await compile({ root, outfile, commit: commitOf(root), keys, target: target.bun });
  const { os, cpu, libc } = target;
  // The others cannot run here: that they are built of the same sources as this one is all that can be said.
  if (os === process.platform && cpu === process.arch && libc !== "musl") await smokeRun(outfile);
  return {
    target,
    binary: artifactOf(outfile),
    archives: writeArchives(outfile),
    needs: needsOf(target, outfile),
  };
}

/** The musl build is not static either (research/bun.md A4). */
function needsOf({ libc }: Target, file: string): Built["needs"] {
  if (libc === "musl") return { libraries: ["libstdc++", "libgcc"] };
  return libc === "glibc" ? { minimumGlibc: minimumGlibc(readFileSync(file)) } : {};
}

/** Builds one target again, of a clone in another folder, and compares. */
async function proveSame(
  { target, binary }: Built,
  { tree, keys }: { tree: string; keys: readonly string[] },
): Promise<void> {
  const outfile = `${tree}/dist/${binary.file}`;
  await compile({ root: tree, outfile, commit: commitOf(tree), keys, target: target.bun });
  const { sha256 } = artifactOf(outfile);
  rmSync(outfile);
  if (sha256 === binary.sha256) return;
  throw new Error(`${binary.file}: built twice, and once ${binary.sha256}, once ${sha256}`);
}

function rowOf({ target, binary, archives }: Built, isProven: boolean): string {
  const sizes = [binary, ...archives].map(({ sizeBytes }) => (sizeBytes / 1e6).toFixed(1));
  const [plain, gz, zst] = sizes.map((size) => size.padStart(5));
  const same = isProven ? ", the same bytes twice" : "";
  return `${target.name.padEnd(16)} ${plain} MB, gz ${gz} MB, zst ${zst} MB${same}`;
}

function manifestOf(built: readonly Built[], keys: readonly string[]) {
  return {
    schemaVersion: 1,
    name: "mosaic",
    version,
    commit: commitOf(root),
    builtWith: `bun ${Bun.version} (${Bun.revision})`,
    keys,
    targets: built.map(({ target, needs, binary, archives }) => {
      return { ...target, ...needs, binary, archives };
    }),
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
