// Compiles the executable: bytecode and the framework inside. `build.ts` makes the host's, `release.ts` every target's.
// The same sources, commit and keys give the same bytes, whatever folder they lie in.
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

export interface CompileOptions {
  /** The checkout, absolute. */
  root: string;
  /** The executable to write, absolute. It is put there by rename, whole. */
  outfile: string;
  commit: string;
  /** Ed25519 public keys, raw, base64, whose signature `mosaic update` believes; none: it refuses to update. */
  keys?: readonly string[];
  /** Default: this host. Bun fetches another platform's runtime from npm's registry (`@oven/bun-*`), once. */
  target?: Bun.Build.CompileTarget;
}

/** Throws what Bun.build throws. */
export async function compile(options: CompileOptions): Promise<void> {
  const { root, outfile, commit, keys = [], target } = options;
  const cwd = process.cwd();
  mkdirSync(dirname(outfile), { recursive: true });
  mkdirSync(buildFolders(root), { recursive: true });
  // In a folder of its own, because the file's name goes into the executable, and as the current folder, since Bun
  // writes its temporary file there. Always at the same depth: the names of chunks are hashes of paths relative to it.
  const folder = mkdtempSync(`${buildFolders(root)}/build-`);
  process.chdir(folder);
  try {
    await Bun.build({
      entrypoints: [`${root}/src/main.ts`],
      target: "bun",
      // bytecode needs esm where there is top-level await; splitting keeps lazy imports out of the start-up.
      format: "esm",
      bytecode: true,
      splitting: true,
      minify: true,
      define: {
        MOSAIC_COMMIT: JSON.stringify(commit),
        MOSAIC_RELEASE_KEYS: JSON.stringify(keys.join(" ")),
        ...(target === undefined
          ? {}
          : { MOSAIC_TARGET: JSON.stringify(target.replace(/^bun-/, "")) }),
      },
      compile: {
        ...(target === undefined ? {} : { target }),
        outfile: `${folder}/mosaic`,
        assets: [`${root}/framework`],
        // Otherwise `cd` into a hostile folder runs its code.
        autoloadDotenv: false,
        autoloadBunfig: false,
      },
    });
    move(`${folder}/mosaic`, outfile);
  } finally {
    process.chdir(cwd);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where builds are made, each in a folder `build-…` of its own, which one that is killed leaves behind. */
export function buildFolders(root: string): string {
  return `${root}/node_modules/.cache/mosaic`;
}

/** A rename, also onto another file system. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EXDEV") throw error;
    copyFileSync(from, `${to}.new`);
    renameSync(`${to}.new`, to);
  }
}

/** Short commit of a checkout, `unknown` without git or outside one. */
export function commitOf(root: string): string {
  const argv = ["git", "-C", root, "rev-parse", "--short=12", "HEAD"];
  try {
    const { success, stdout } = Bun.spawnSync(argv, { stderr: "ignore" });
    return success ? stdout.toString().trim() : "unknown";
  } catch {
    // No git on this machine: the version alone must do.
    return "unknown";
  }
}
