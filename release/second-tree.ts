// Proof that a release can be made again: the same commit, cloned to another folder, gives the same bytes.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";

export interface SecondTree extends Disposable {
  /** Absolute path of the clone. */
  root: string;
}

/** A clone of what is committed, with the dependencies of this checkout. Throws when something is not committed. */
export function secondTree(root: string): SecondTree {
  const changed = git(["-C", root, "status", "--porcelain"]);
  if (changed !== "") {
    throw new Error(
      `a release is made of a commit, and these are not committed:\n${changed}\n  hint: git stash, or --no-proof for a trial`,
    );
  }
  const folder = mkdtempSync(`${tmpdir()}/mosaic-second-`);
  git(["clone", "--quiet", "--shared", root, `${folder}/tree`]);
  // A link would be followed, and its real path is another one relative to the tree.
  cpSync(`${root}/node_modules`, `${folder}/tree/node_modules`, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith("/node_modules/.cache"),
  });
  return {
    root: `${folder}/tree`,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function git(args: readonly string[]): string {
  const { success, stdout, stderr } = Bun.spawnSync(["git", ...args]);
  if (!success) throw new Error(`git ${args.join(" ")}: ${stderr.toString().trim()}`);
  return stdout.toString().trim();
}
