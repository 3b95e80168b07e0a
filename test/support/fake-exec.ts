// Strict stand-ins for programs: a call that no expectation matches throws, an expectation that no call met fails
// in done(). Expectations are tried in the order they were made; a met one makes way for the next.
import type { Child, ExecOptions, ExecResult, SpawnOptions } from "../../src/context.ts";

/** As the last element of a pattern: any further arguments. */
export const rest = Symbol("rest");

/** Exact words, expressions, `rest` at the end; or a function that decides. */
export type ArgvPattern =
  | readonly (string | RegExp | typeof rest)[]
  | ((argv: readonly string[]) => boolean);

export interface ExecCall {
  argv: readonly string[];
  options: ExecOptions;
}

/** What is left out is success without output. */
export type ExecAnswer =
  | Partial<ExecResult>
  | ((call: ExecCall) => Partial<ExecResult> | Promise<Partial<ExecResult>>);

/** A child under the test's control; it lives until `exit`. */
export interface FakeChild {
  /** Set once the code under test has started it. */
  argv: readonly string[] | undefined;
  options: SpawnOptions | undefined;
  readonly pid: number;
  /** What it was sent. */
  readonly signals: NodeJS.Signals[];
  /** Set it to react to a signal, for example by `exit`. */
  onSignal: (signal: NodeJS.Signals) => void;
  line(text: string): void;
  exit(end?: { exitCode?: number; signal?: string }): void;
}

/** The pid that the gate of an exec is asked with; nothing of it is in the process table. */
export const gatedPid = 49_999;

interface Expectation<T> {
  pattern: ArgvPattern;
  left: number;
  isOptional: boolean;
  answer: T;
}

/** One list of expectations for one way to run programs. */
export function expectations<T>(kind: string) {
  const open: Expectation<T>[] = [];
  const unexpected: string[] = [];
  return {
    add(pattern: ArgvPattern, expectation: { times: number; isOptional: boolean; answer: T }) {
      open.push({ pattern, left: expectation.times, ...expectation });
    },
    /** The answer for this call; throws when there is none. */
    take(argv: readonly string[]): T {
      const found = open.find(({ left, pattern }) => left > 0 && matches(pattern, argv));
      if (found === undefined) {
        unexpected.push(show(argv));
        const waiting = open
          .filter(({ left }) => left > 0)
          .map(({ pattern }) => `\n  expected: ${show(pattern)}`);
        throw new Error(`no ${kind} stub for: ${show(argv)}${waiting.join("")}`);
      }
      found.left -= 1;
      return found.answer;
    },
    /** Faults so far: calls that nobody expected, even if the code swallowed the error, and unmet expectations. */
    faults(): string[] {
      const unmet = open.filter(({ left, isOptional }) => left > 0 && !isOptional);
      return [
        ...unexpected.map((argv) => `unexpected ${kind}: ${argv}`),
        ...unmet.map(
          ({ pattern, left }) => `${kind} expected ${left} more time(s): ${show(pattern)}`,
        ),
      ];
    },
  };
}

/** The whole result of an exec from what a test cares to say. */
export async function resultOf(answer: ExecAnswer, call: ExecCall): Promise<ExecResult> {
  await call.options.gate?.(gatedPid);
  const said = typeof answer === "function" ? await answer(call) : answer;
  const isKilled = typeof said.signal === "string";
  return {
    exitCode: isKilled ? null : 0,
    signal: null,
    stdout: "",
    stderr: "",
    timedOut: false,
    ...said,
  };
}

/** A child of this pid, not started yet. */
export function createFakeChild(pid: number): FakeChild & { start(call: StartCall): Child } {
  const { promise: exited, resolve } = Promise.withResolvers<{
    exitCode: number | null;
    signal: string | null;
  }>();
  const child = {
    argv: undefined as readonly string[] | undefined,
    options: undefined as SpawnOptions | undefined,
    pid,
    signals: [] as NodeJS.Signals[],
    onSignal(_signal: NodeJS.Signals) {},
    line: (text: string) => child.options?.onLine?.(text),
    exit(end: { exitCode?: number; signal?: string } = {}) {
      const signal = end.signal ?? null;
      resolve({ exitCode: signal === null ? (end.exitCode ?? 0) : null, signal });
    },
    start({ argv, options }: StartCall): Child {
      child.argv = argv;
      child.options = options;
      const kill = (signal: NodeJS.Signals) => {
        child.signals.push(signal);
        child.onSignal(signal);
      };
      return { pid, exited, kill };
    },
  };
  return child;
}

interface StartCall {
  argv: readonly string[];
  options: SpawnOptions;
}

function matches(pattern: ArgvPattern, argv: readonly string[]): boolean {
  if (typeof pattern === "function") return pattern(argv);
  const isOpen = pattern.at(-1) === rest;
  const words = pattern.filter((word) => word !== rest);
  if (isOpen ? argv.length < words.length : argv.length !== words.length) return false;
  return words.every((word, index) => {
    const given = argv[index] ?? "";
    return typeof word === "string" ? word === given : word.test(given);
  });
}

function show(pattern: ArgvPattern): string {
  if (typeof pattern === "function") return String(pattern);
  return pattern
    .map((word) => {
      if (typeof word === "symbol") return "…";
      if (word instanceof RegExp) return String(word);
      return /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word);
    })
    .join(" ");
}
