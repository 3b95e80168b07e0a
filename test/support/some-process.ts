// A process for a test to name in a lock: leader of a group of its own, and gone at the end of the test.
import { processes } from "../../src/adapters/processes.ts";
import { eventually } from "./eventually.ts";
import { argvOf, signal } from "./processes.ts";

export interface SomeProcess extends AsyncDisposable {
  readonly pid: number;
  readonly startTicks: number;
  /** How it ended: the exit code, 128 + n for a signal. */
  readonly exited: Promise<number>;
  /** Kills it, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Runs argv; resolves once it is that program. */
export async function someProcess(
  argv: readonly string[] = ["sleep", "60"],
  env: Record<string, string> = {},
): Promise<SomeProcess> {
  const run = process.env.MOSAIC_TEST_RUN;
  const child = Bun.spawn([...argv], {
    env: { PATH: "/usr/bin:/bin", ...(run === undefined ? {} : { MOSAIC_TEST_RUN: run }), ...env },
    stdio: ["ignore", "ignore", "ignore"],
    detached: true,
  });
  await eventually(() => argvOf(child.pid)[0] === argv[0], { what: argv.join(" ") });
  const kill = async (): Promise<void> => {
    signal(-child.pid, "SIGKILL");
    await child.exited;
  };
  const startTicks = (await processes.one(child.pid))?.startTicks ?? 0;
  return { pid: child.pid, startTicks, exited: child.exited, kill, [Symbol.asyncDispose]: kill };
}
