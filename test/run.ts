// `npm test`: prerequisites, one build, the suite in two phases, then proof that nothing was touched or left behind.
// Arguments go to `bun test` (`npm test -- test/domain`, `npm test -- -t receipt`), in one phase. `npm run test:agents` runs
// the part with real agent CLIs alone.
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { $ } from "zx";
import { ensureInstalled, suiteRequirements } from "./support/debian.ts";
import { eventually } from "./support/eventually.ts";
import { addCounts, readJunit, type TestCounts } from "./support/junit.ts";
import { findLeftovers, removeLeftovers, type TestRun } from "./support/leftovers.ts";
import { mosaicBinary } from "./support/mosaic-binary.ts";
import { runCommand } from "./support/run-command.ts";
import { defaultTmuxSessions } from "./support/tmux-server.ts";

interface Phase {
  name: string;
  args: string[];
  /** Test files, all of which have to be in the report; none when `args` choose them. */
  files: string[];
}

interface Outcome extends TestCounts {
  /** What is wrong besides failed tests, in one line each. */
  problems: string[];
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  // The tests end, and we stay to clean up.
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => stop.abort());
  const before = await prepare(args.length === 0);
  if (before === undefined) return 1;

  const id = randomBytes(4).toString("hex");
  const base = `${tmpdir()}/mosaic-t-${id}`;
  const run: TestRun = { id, tmpDir: `${base}/t` };
  // Another user may pass, since there are tests with two, but not look around.
  mkdirSync(run.tmpDir, { recursive: true, mode: 0o711 });
  const outcomes: Outcome[] = [];
  for (const phase of phasesOf(args)) {
    if (stop.signal.aborted) break;
    const report = `${base}/${phase.name}.xml`;
    outcomes.push(await runPhase(phase, { run, report, signal: stop.signal }));
  }
  const problems = [
    ...outcomes.flatMap((outcome) => outcome.problems),
    ...(await leftoverProblems(run)),
    ...changes(before, await personsState()),
  ];
  rmSync(base, { recursive: true, force: true });
  for (const problem of problems) process.stderr.write(`problem: ${problem}\n`);
  const counts = addCounts(outcomes);
  const failed = counts.failed + problems.length;
  process.stdout.write(`${counts.passed} passed, ${failed} failed\n`);
  if (stop.signal.aborted) return 130;
  return failed === 0 ? 0 : 1;
}

/** Installs and builds, and looks at what no test may touch; undefined, and the reason printed, when it can't. */
async function prepare(isWholeSuite: boolean): Promise<Record<string, string> | undefined> {
  try {
    await ensureInstalled(suiteRequirements);
    // A part of the suite builds by itself, when one of its tests asks for the binary.
    if (isWholeSuite) await mosaicBinary();
    return await personsState();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.stdout.write("0 passed, 1 failed\n");
    return undefined;
  }
}

/**
 * First what needs little, a worker per core; then the end-to-end tests, which mostly wait for real systemd and tmux:
 * two at a time, whatever the cores, so that none is starved into a timeout.
 */
function phasesOf(args: readonly string[]): Phase[] {
  if (args[0] === "--agents") return [realAgents(args.slice(1))];
  return args.length === 0 ? wholeSuite() : [chosen(args)];
}

function allFiles(): string[] {
  return [...new Bun.Glob("test/**/*.test.ts").scanSync()]
    .filter((file) => !file.includes("/node_modules/"))
    .toSorted();
}

/** Those that install the real agent CLIs. */
function realAgents(args: readonly string[]): Phase {
  const files = allFiles().filter((file) =>
    /support\/(agents|message-fleet)\.ts/.test(readFileSync(file, "utf8")),
  );
  const phase = { name: "agents", args: ["--timeout=120000", ...args] };
  // Further arguments choose among them.
  return args.length === 0
    ? { ...phase, files }
    : { ...phase, args: [...phase.args, ...files.map((file) => `./${file}`)], files: [] };
}

function wholeSuite(): Phase[] {
  const all = allFiles();
  const unit = all.filter((file) => !isEndToEnd(file));
  return [
    { name: "unit", args: ["--parallel", "--timeout=20000"], files: unit },
    { name: "e2e", args: ["--parallel=2", "--timeout=120000"], files: all.filter(isEndToEnd) },
  ].filter((phase) => phase.files.length > 0);
}

function isEndToEnd(file: string): boolean {
  return file.startsWith("test/e2e/");
}

function chosen(args: readonly string[]): Phase {
  return { name: "chosen", args: ["--timeout=120000", ...args], files: [] };
}

async function runPhase(
  phase: Phase,
  { run, report, signal }: { run: TestRun; report: string; signal: AbortSignal },
): Promise<Outcome> {
  const env = {
    ...process.env,
    // Elsewhere bun runs what is marked with `.only` alone, and says that all is well.
    CI: "1",
    MOSAIC_TEST_RUN: run.id,
    TMPDIR: run.tmpDir,
    // A test that forgets its private socket still can't reach the person's server.
    TMUX_TMPDIR: dirname(run.tmpDir),
    TMUX: undefined,
    TMUX_PANE: undefined,
    // Else node's programs keep a cache in TMPDIR.
    NODE_DISABLE_COMPILE_CACHE: "1",
  };
  const argv = [process.execPath, "test", "--reporter=junit", `--reporter-outfile=${report}`];
  const bun = $({ env, signal, stdio: "inherit", nothrow: true, quiet: true });
  const files = phase.files.map((file) => `./${file}`);
  const ended = await bun`${[...argv, ...phase.args, ...files]}`;
  const counts = readJunit(readIfThere(report));
  const problems = phase.files
    .filter((file) => !counts.files.includes(file))
    .map((file) => `${file} did not run: it could not be loaded or holds no test`);
  if (phase.files.length > 0) problems.push(...counts.skipped.map((name) => `skipped: ${name}`));
  if (ended.exitCode !== 0 && counts.failed + problems.length === 0) {
    problems.push(`bun test (${phase.name}) ended with ${ended.exitCode ?? ended.signal}`);
  }
  return { ...counts, problems };
}

/** Processes that are just about to end get a moment. */
async function leftoverProblems(run: TestRun): Promise<string[]> {
  const isClean = () => findLeftovers(run).length === 0;
  await eventually(isClean, { timeoutMs: 3000 }).catch(() => undefined);
  const left = findLeftovers(run);
  await removeLeftovers(run);
  return left.map((line) => `left behind: ${line}`);
}

/** What belongs to the person who runs the suite, which no test may touch. */
async function personsState(): Promise<Record<string, string>> {
  const listUnits = ["systemctl", "--user", "list-units", "--all", "--plain", "mosaic-*"];
  return {
    "the default tmux server": await defaultTmuxSessions(),
    "the real user manager": (await runCommand(listUnits, { env: process.env })).stdout,
  };
}

function changes(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(before)
    .filter((what) => before[what] !== after[what])
    .map((what) => `${what} changed from\n${before[what]}to\n${after[what]}`);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // bun died before its report; the caller sees that every file is missing.
  }
}
