// A Context without a machine: programs, processes, sockets, time and terminal are fakes, strict where it matters;
// files are real, in a temporary home. `using ctx = fakeContext()`, and `ctx.done()` at the end of the test.
import { assets as realAssets } from "../../src/adapters/assets.ts";
import { files } from "../../src/adapters/files.ts";
import { resolvePaths } from "../../src/adapters/paths.ts";
import { openSqlServer } from "../../src/adapters/sql-server.ts";
import { setDatabaseAside } from "../../src/adapters/set-aside.ts";
import { openDatabase } from "../../src/adapters/sqlite.ts";
import type { Context, ProcessIdentity } from "../../src/context.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import {
  type ArgvPattern,
  createFakeChild,
  type ExecAnswer,
  type ExecCall,
  expectations,
  type FakeChild,
  resultOf,
} from "./fake-exec.ts";
import { fakeAssets, fakeNetwork, fakeSockets } from "./fake-machine.ts";
import { noPrompts } from "./fake-prompts.ts";
import { fakeProcesses, type FakeProcess, type FakeProcesses } from "./fake-processes.ts";
import { fakeTerminal, type FakeTerminal, type FakeTerminalOptions } from "./fake-terminal.ts";
import { tempHome, type TempHome } from "./temp-home.ts";

export interface FakeContextOptions extends FakeTerminalOptions {
  /** One that the test made and removes; without it the context has its own. */
  home?: TempHome;
  /** On top of HOME, PATH, USER and XDG_RUNTIME_DIR; undefined takes one of them away. */
  env?: Record<string, string | undefined>;
  host?: Partial<Context["host"]>;
  /** "auto" (default): a sleep ends as soon as nothing else runs. "manual": `ctx.clock.advance`; or one that several share. */
  clock?: "auto" | "manual" | FakeClock;
  /** The table itself: several contexts may share one. */
  processes?: FakeProcess[];
  /** Who we are; default `fakeIdentity`. */
  identity?: Partial<ProcessIdentity>;
  /** Path and text; without it the framework of this repository. */
  assets?: Record<string, string>;
}

export interface FakeContext extends Context, Disposable, FakeProcesses {
  readonly home: TempHome;
  readonly clock: FakeClock;
  /** Everything that was printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Progress texts, and the keyboard of a program in raw mode. */
  readonly terminal: FakeTerminal;
  readonly execCalls: ExecCall[];
  /** This call must come, so many times (default once). */
  expectExec(pattern: ArgvPattern, answer?: ExecAnswer, options?: { times?: number }): void;
  /** This call may come, any number of times. */
  allowExec(pattern: ArgvPattern, answer?: ExecAnswer): void;
  expectSpawn(pattern: ArgvPattern): FakeChild;
  expectInteractive(pattern: ArgvPattern, exitCode?: number): void;
  /** What `untilSignal` waits for. */
  raise(signal: NodeJS.Signals): void;
  /** Throws when a call came that nobody expected, or one did not come that was expected. */
  done(): void;
}

/** A fresh fake; every option has a quiet default. */
export function fakeContext(options: FakeContextOptions = {}): FakeContext {
  const home = options.home ?? tempHome();
  const env = fakeEnv(home, options.env);
  const programs = fakePrograms();
  const terminal = fakeTerminal(options);
  let digits = 0;
  return {
    home,
    env,
    files,
    openDatabase,
    setDatabaseAside,
    openSqlServer,
    ...fakeNetwork,
    forgetEnv(names) {
      for (const variable of names) delete env[variable];
    },
    sockets: fakeSockets,
    download: async (url) => {
      throw new Error(`nothing is downloaded here: ${url}`);
    },
    release: { target: "linux-x64", keys: [] },
    // Lazy as the real one: without HOME only their first use fails.
    get paths() {
      return resolvePaths(env, ["/opt/mosaic/mosaic"]);
    },
    clock: clockOf(options.clock ?? "auto"),
    assets: options.assets === undefined ? realAssets : fakeAssets(options.assets),
    host: {
      name: "test-host",
      uid: 1000,
      pid: 4242,
      version: "0.0.0",
      commit: "abc1234",
      ...options.host,
    },
    randomHex: (count) => (++digits).toString(16).padStart(count, "0").slice(-count),
    ...programs.context,
    ...fakeProcesses(options.processes ?? [], options.identity),
    io: terminal.io,
    prompts: noPrompts,
    terminal,
    get stdout() {
      return terminal.stdout;
    },
    get stderr() {
      return terminal.stderr;
    },
    done() {
      const faults = [...programs.faults(), ...terminal.faults()];
      if (faults.length > 0) throw new Error(faults.join("\n"));
    },
    [Symbol.dispose]() {
      if (options.home === undefined) home.remove();
    },
  };
}

function clockOf(clock: "auto" | "manual" | FakeClock): FakeClock {
  return typeof clock === "string" ? createFakeClock(clock) : clock;
}

function fakeEnv(
  home: TempHome,
  wanted: Record<string, string | undefined> = {},
): Record<string, string | undefined> {
  return {
    HOME: home.path,
    PATH: "/usr/bin:/bin",
    USER: "tester",
    XDG_RUNTIME_DIR: home.at("run"),
    ...wanted,
  };
}

/** The first pid of a fake child; the tables of tests stay below it. */
const firstChildPid = 50_001;

function fakePrograms() {
  const execs = expectations<ExecAnswer>("exec");
  const spawns = expectations<ReturnType<typeof createFakeChild>>("spawn");
  const interactives = expectations<number>("interactive");
  const execCalls: ExecCall[] = [];
  let waiters: ((signal: NodeJS.Signals) => void)[] = [];
  const missed: NodeJS.Signals[] = [];
  let nextPid = firstChildPid;
  const context = {
    execCalls,
    async exec(argv, execOptions = {}) {
      const call = { argv, options: execOptions };
      execCalls.push(call);
      return resultOf(execs.take(argv), call);
    },
    spawn: (argv, spawnOptions) => spawns.take(argv).start({ argv, options: spawnOptions }),
    runInteractive: async (argv) => interactives.take(argv),
    untilSignal() {
      const signal = missed.shift();
      if (signal !== undefined) return Promise.resolve(signal);
      const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
      waiters.push(resolve);
      return promise;
    },
    raise(signal) {
      if (waiters.length === 0) missed.push(signal);
      const told = waiters;
      waiters = [];
      for (const tell of told) tell(signal);
    },
    expectExec(pattern, answer = {}, { times = 1 } = {}) {
      execs.add(pattern, { times, isOptional: false, answer });
    },
    allowExec(pattern, answer = {}) {
      execs.add(pattern, { times: Infinity, isOptional: true, answer });
    },
    expectSpawn(pattern) {
      const child = createFakeChild(nextPid++);
      spawns.add(pattern, { times: 1, isOptional: false, answer: child });
      return child;
    },
    expectInteractive(pattern, exitCode = 0) {
      interactives.add(pattern, { times: 1, isOptional: false, answer: exitCode });
    },
  } satisfies Partial<FakeContext>;
  const faults = () => [...execs.faults(), ...spawns.faults(), ...interactives.faults()];
  return { context, faults };
}
