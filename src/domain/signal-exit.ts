// The exit status that a shell gives for a process that a signal ended: 128 + the signal's number. Pure.

/** signal(7), where all processors of Linux agree; and the same on macOS but for BUS, USR1 and USR2. */
const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
};

/** Such as 143 for SIGTERM; 128 for a signal that has no name here. */
export function signalExitCode(signal: string): number {
  return 128 + (signalNumbers[signal] ?? 0);
}

/** How a process ended, as a shell's `$?`. */
export function shellStatus(end: { exitCode: number | null; signal: string | null }): number {
  return end.signal === null ? (end.exitCode ?? 1) : signalExitCode(end.signal);
}
