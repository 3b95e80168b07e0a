// Runs a use case of the fleet for a request: what it would print is what it says, and nothing reaches our own output.
import type { Context } from "../../context.ts";

export interface Said<T> {
  result: T;
  out: string;
  err: string;
}

/** Rejects as the work does. */
export async function quietly<T>(
  ctx: Context,
  work: (quiet: Context) => Promise<T>,
): Promise<Said<T>> {
  let out = "";
  let err = "";
  const io: Context["io"] = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    progress: () => undefined,
    stdinIsTty: false,
    stdoutIsTty: false,
    stderrIsTty: false,
    columns: 80,
    color: false,
    readStdin: async () => "",
    readStdinBytes: async () => new Uint8Array(),
    confirm: async () => false,
    rawTerminal: () => {
      throw new Error("a request has no terminal");
    },
  };
  const result = await work({ ...ctx, io });
  return { result, out, err };
}
