// Runs a program to its end, for tests and benchmarks: argv only, an environment that is named in full.

export interface CommandResult {
  /** 128 + signal number when a signal ended it. */
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  /** The whole environment. Default: that of the test. */
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  stdin?: string;
  /** After this the program gets SIGKILL. Default 30 000. */
  timeoutMs?: number;
}

/** Exit code and output of a program; throws only when it can't be started. */
export async function runCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = Bun.spawn([...argv], {
    env: { ...(options.env ?? process.env) },
    stdin: new TextEncoder().encode(options.stdin ?? ""),
    stdout: "pipe",
    stderr: "pipe",
    timeout: options.timeoutMs ?? 30_000,
    killSignal: "SIGKILL",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const [exitCode, stdout, stderr] = await Promise.all([
    child.exited,
    child.stdout.text(),
    child.stderr.text(),
  ]);
  return { exitCode, stdout, stderr };
}

/** The standard output of a program that has to succeed; otherwise an error with all it said. */
export async function outputOf(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await runCommand(argv, options);
  if (result.exitCode !== 0) {
    throw new Error(`exit ${result.exitCode}: ${argv.join(" ")}\n${result.stdout}${result.stderr}`);
  }
  return result.stdout;
}
