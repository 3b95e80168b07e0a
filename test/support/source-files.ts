// The repository's own files as text, for tests that hold rules over all of them.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Absolute path of the checkout. */
export const repositoryRoot = join(import.meta.dir, "../..");

export interface SourceFile {
  /** Relative to the checkout, with `/`. */
  path: string;
  text: string;
}

const notOurs = /(^|\/)(node_modules|dist|\.git)\//;

/** Files whose path fits the pattern, sorted; dependencies and built files are not among them. */
export function sourceFiles(pattern: string): SourceFile[] {
  const paths = [...new Bun.Glob(pattern).scanSync({ cwd: repositoryRoot, dot: true })];
  return paths
    .filter((path) => !notOurs.test(path) && !path.endsWith(".log"))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(`${repositoryRoot}/${path}`, "utf8") }));
}

const transpiler = new Bun.Transpiler({ loader: "ts" });

/** What a file imports at run time, static or dynamic: paths in the checkout, or names of packages. No types. */
export function importsOf(file: SourceFile): string[] {
  return transpiler
    .scanImports(file.text)
    .map(({ path }) => (path.startsWith(".") ? join(dirname(file.path), path) : path));
}

/** The code without types and comments, so that a rule over words does not trip over prose. */
export function codeOf(file: SourceFile): string {
  return transpiler.transformSync(file.text);
}
