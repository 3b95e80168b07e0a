// Io for tests: keeps what is printed, gives the answers that the test has put down, and plays the keyboard of a
// program that took the terminal into raw mode.
import type { Io, RawTerminalHandlers } from "../../src/context.ts";

export interface FakeTerminalOptions {
  io?: Partial<Pick<Io, "stdinIsTty" | "stdoutIsTty" | "stderrIsTty" | "columns" | "color">>;
  /** What `readStdin` returns. */
  stdin?: string;
  /** Answers to the questions that will be asked, in order; one too many or too few is a fault. */
  answers?: boolean[];
}

export interface FakeTerminal {
  readonly io: Io;
  stdout: string;
  stderr: string;
  /** Every text given to `io.progress`. */
  readonly progress: string[];
  /** Whether a program holds the terminal in raw mode. */
  readonly isRaw: boolean;
  /** Keys, or bytes cut as the test likes, for the program in raw mode. */
  type(keys: string | Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** The terminal goes away. */
  hangUp(): void;
  faults(): string[];
}

/** No TTY anywhere, 80×24, no colour, unless told otherwise. */
export function fakeTerminal(options: FakeTerminalOptions): FakeTerminal {
  const left = [...(options.answers ?? [])];
  const unexpected: string[] = [];
  let size = { columns: options.io?.columns ?? 80, rows: 24 };
  let raw: RawTerminalHandlers | undefined;
  const program = (): RawTerminalHandlers => {
    if (raw === undefined) throw new Error("no program has the terminal in raw mode");
    return raw;
  };
  const terminal: FakeTerminal = {
    io: {
      stdinIsTty: false,
      stdoutIsTty: false,
      stderrIsTty: false,
      columns: 80,
      color: false,
      ...options.io,
      out(text) {
        terminal.stdout += text;
      },
      err(text) {
        terminal.stderr += text;
      },
      progress(text) {
        terminal.progress.push(text);
      },
      readStdin: async () => options.stdin ?? "",
      readStdinBytes: async () => new TextEncoder().encode(options.stdin ?? ""),
      async confirm(question) {
        const answer = left.shift();
        if (answer !== undefined) return answer;
        unexpected.push(`unexpected question: ${question}`);
        throw new Error(`no answer for the question: ${question}`);
      },
      rawTerminal(handlers) {
        raw = handlers;
        const release = () => {
          raw = undefined;
        };
        return { size: () => size, [Symbol.dispose]: release };
      },
    },
    stdout: "",
    stderr: "",
    progress: [],
    get isRaw() {
      return raw !== undefined;
    },
    type: (keys) =>
      program().onData(typeof keys === "string" ? new TextEncoder().encode(keys) : keys),
    resize(columns, rows) {
      size = { columns, rows };
      program().onResize();
    },
    hangUp: () => program().onEnd(),
    faults: () => [...unexpected, ...left.map((answer) => `answer never asked for: ${answer}`)],
  };
  return terminal;
}
