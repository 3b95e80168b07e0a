// The program of this checkout as another version: a copy of its sources with another number, so that an update has two
// real executables to go between.
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { compile } from "../../release/compile.ts";
import { repositoryRoot } from "./source-files.ts";

export interface VersionOptions {
  /** Absolute path of the executable to write; the sources are put beside it, as `FILE.tree`. */
  outfile: string;
  version: string;
  /** Public keys that it believes. */
  keys: readonly string[];
  /** Changes the copy before it is built, such as a migration more. */
  edit?: (tree: string) => void;
}

/** A build takes about two seconds. */
export async function buildVersion({
  outfile,
  version,
  keys,
  edit,
}: VersionOptions): Promise<void> {
  const tree = `${outfile}.tree`;
  mkdirSync(`${tree}/node_modules`, { recursive: true });
  for (const name of ["src", "framework"]) {
    cpSync(`${repositoryRoot}/${name}`, `${tree}/${name}`, { recursive: true });
  }
  const packages = readdirSync(`${repositoryRoot}/node_modules`);
  for (const name of packages.filter((entry) => !entry.startsWith("."))) {
    symlinkSync(`${repositoryRoot}/node_modules/${name}`, `${tree}/node_modules/${name}`);
  }
  const manifest: object = JSON.parse(readFileSync(`${repositoryRoot}/package.json`, "utf8"));
  writeFileSync(`${tree}/package.json`, JSON.stringify({ ...manifest, version }));
  edit?.(tree);
  await compile({ root: tree, outfile, commit: "test", keys, target: hostTarget });
}

const hostTarget = process.arch === "arm64" ? "bun-linux-arm64" : "bun-linux-x64";
