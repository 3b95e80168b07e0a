import { expect, test } from "bun:test";
import { constants } from "node:os";
import { shellStatus, signalExitCode } from "../../src/domain/signal-exit.ts";

const named = ["HUP", "INT", "QUIT", "ABRT", "KILL", "USR1", "SEGV", "USR2", "PIPE", "TERM"].map(
  (name) => `SIG${name}`,
);

test.each(named)("%s is 128 and the number that this machine gives it", (signal) => {
  const numbers: Record<string, number> = constants.signals;
  expect(signalExitCode(signal)).toBe(128 + (numbers[signal] ?? Number.NaN));
});

test.each(["SIG40", "SIGNOSUCH", ""])("%j has no number", (signal) => {
  expect(signalExitCode(signal)).toBe(128);
});

test.each([
  [{ exitCode: 0, signal: null }, 0],
  [{ exitCode: 75, signal: null }, 75],
  [{ exitCode: null, signal: "SIGTERM" }, 143],
  [{ exitCode: null, signal: "SIGKILL" }, 137],
  [{ exitCode: null, signal: null }, 1],
])("the end %j is the status %i", (end, status) => {
  expect(shellStatus(end)).toBe(status);
});
