// The framework folder: plain files in development, embedded by build.ts in the binary. There only the reading
// calls of node:fs work (open and copy fail), and every mode is 0644 (research/bun.md A2).
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Assets } from "../context.ts";

// In the binary every module has the same import.meta.dir, and the folder lies right below it. Without "..", because
// readdirSync gives its entries normalized paths.
const root = resolve(import.meta.dir, Bun.isStandaloneExecutable ? "framework" : "../../framework");

/** The framework shipped with this program. */
export const assets: Assets = {
  async list() {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length + 1))
      .toSorted();
  },
  async read(path) {
    if (path.split("/").includes("..")) throw new Error(`not inside the framework: ${path}`);
    return new Uint8Array(readFileSync(`${root}/${path}`));
  },
};
