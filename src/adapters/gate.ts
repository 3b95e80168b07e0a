// A child behind a gate: a shell that waits for a line on file number 3 and then becomes the program. So that a child
// can be recorded before it does anything, and does nothing when its starter dies in between.
import { closeSync, writeSync } from "node:fs";
import type { Gate } from "../context.ts";
import { errnoCode } from "./file-faults.ts";

/** What the child ends with when the gate was not opened. */
const exitNotOpened = 125;

/** What to spawn in place of argv, with `gateStdio` as the fourth entry of stdio, and detached. */
export function behindGate(argv: readonly string[]): string[] {
  const script = `read -r _ <&3 || exit ${exitNotOpened}; exec "$@" 3<&-`;
  return ["/bin/sh", "-c", script, "mosaic", ...argv];
}

/** Ours to close, unlike `pipe` (bun-types, SpawnOptions.stdio). No other child inherits it: it is close-on-exec. */
export const gateStdio = "socket-fd" as const;

/** Asks the gate, and lets the child run its program or end. Rejects as the gate does. */
export async function passGate(child: Bun.Subprocess, gate: Gate): Promise<void> {
  const fd = child.stdio[3];
  if (typeof fd !== "number") throw new Error("the child was started without a gate");
  try {
    await gate(child.pid);
    writeSync(fd, "\n");
  } catch (error) {
    // Somebody has ended the child meanwhile: its end says so.
    if (errnoCode(error) !== "EPIPE") throw error;
  } finally {
    closeSync(fd);
  }
}
