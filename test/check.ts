// `npm run check`: everything that a commit has to pass. The quick checks run side by side and stop the line when one
// fails; then the whole suite runs, whose closing line `N passed, N failed` is also ours.
import { existsSync, readFileSync } from "node:fs";
import { $ } from "zx";
import { ensureInstalled, suiteRequirements } from "./support/debian.ts";

interface Check {
  name: string;
  /** Resolves to what is wrong, for people; empty when all is well. */
  run: () => Promise<string>;
}

interface Result {
  name: string;
  fault: string;
  tookMs: number;
}

const generatedSchema = "framework/fleet/roster.schema.json";

const tooOld =
  "npm left out the native parts of oxlint and oxfmt: its node is too old (they want 20.19, or 22.12)\n" +
  "  hint: npm exec --yes --package=node@22.20.0 -- npm ci";

const quickChecks: Check[] = [
  { name: "format", run: () => runTool("oxfmt", ["--check"]) },
  { name: "lint", run: () => runTool("oxlint", ["--type-aware", "--deny-warnings"]) },
  { name: "types", run: () => runTool("tsc", []) },
  { name: "shell scripts", run: checkShellScripts },
  { name: "generated files", run: checkGeneratedFiles },
];

process.exitCode = await main();

async function main(): Promise<number> {
  const results = [await measure({ name: "prerequisites", run: prepare })];
  if (results[0]?.fault === "") results.push(...(await Promise.all(quickChecks.map(measure))));
  const failed = results.filter((result) => result.fault !== "");
  for (const { name, fault } of failed) process.stdout.write(`--- ${name}\n${fault.trim()}\n\n`);
  process.stdout.write(`${results.map(row).join("\n")}\n\n`);
  if (failed.length > 0) {
    process.stdout.write(`the tests were not started\n0 passed, ${failed.length} failed\n`);
    return 1;
  }
  const suite = $({ stdio: "inherit", nothrow: true, quiet: true });
  return (await suite`${[process.execPath, "run", "test/run.ts"]}`).exitCode ?? 1;
}

async function prepare(): Promise<string> {
  // npm says nothing of it: an optional dependency whose `engines` do not fit is left out.
  const native = [...new Bun.Glob("node_modules/@{oxlint,oxfmt}/*/package.json").scanSync()];
  if (native.length < 2) return tooOld;
  try {
    await ensureInstalled(suiteRequirements);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function measure(check: Check): Promise<Result> {
  const startedAt = performance.now();
  const fault = await check.run();
  return { name: check.name, fault, tookMs: performance.now() - startedAt };
}

function row({ name, fault, tookMs }: Result): string {
  const seconds = (tookMs / 1000).toFixed(1).padStart(5);
  return `${name.padEnd(16)} ${fault === "" ? "ok    " : "FAILED"} ${seconds} s`;
}

/** A tool of node_modules under bun: Debian's node is older than some of them want. */
function runTool(name: string, args: readonly string[]): Promise<string> {
  return faultOf([process.execPath, `node_modules/.bin/${name}`, ...args]);
}

async function checkShellScripts(): Promise<string> {
  const framework = [...new Bun.Glob("framework/**/*.sh").scanSync()].toSorted();
  const posix = [...framework, ...["install.sh"].filter((path) => existsSync(path))];
  const faults = await Promise.all([
    faultOf(["shellcheck", "--shell=sh", ...posix]),
    faultOf(["shellcheck", "--shell=bash", ".ci/run"]),
  ]);
  return faults.join("");
}

/** The schema is generated from the code (`npm run schema`); whoever edits only one of the two learns it here. */
async function checkGeneratedFiles(): Promise<string> {
  const { rosterJsonSchema } = await import("../src/domain/roster.ts");
  const written: unknown = JSON.parse(readFileSync(generatedSchema, "utf8"));
  return Bun.deepEquals(written, await rosterJsonSchema(), true)
    ? ""
    : `${generatedSchema} differs from what the code says\n  hint: npm run schema\n`;
}

async function faultOf(argv: readonly string[]): Promise<string> {
  // Under CI the tools colour their output even into a pipe.
  const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: "1" };
  const ended = await $({ env, nothrow: true, quiet: true })`${[...argv]}`;
  return ended.exitCode === 0 ? "" : `${ended.stdout}${ended.stderr}` || `exit ${ended.exitCode}`;
}
