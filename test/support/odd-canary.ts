// A canary that is wrong in one way, for the proofs that delivery notices: `bun odd-canary.ts FAULT`.
//   mute           draws its composer once and never again
//   swallow-enter  loses every Enter
//   lose-enter     loses the first Enter, as a program does that has just started
//   newline-enter  takes Enter for a newline, as codex does right after fast keys
import { createContext } from "../../src/adapters/system.ts";
import { runCanary } from "../../src/canary/run.ts";
import type { Context } from "../../src/context.ts";

const fault = process.argv[2] ?? "";
let enters = 0;
let drawings = 0;

/** The bytes that the canary gets for those that came. A delivered Enter is a read of its own. */
function bent(chunk: Uint8Array): Uint8Array {
  if (chunk.length !== 1 || chunk[0] !== 0x0d) return chunk;
  enters += 1;
  if (fault === "newline-enter") return Uint8Array.of(0x0a);
  return fault === "swallow-enter" || (fault === "lose-enter" && enters === 1)
    ? new Uint8Array(0)
    : chunk;
}

const ctx = createContext();
const io: Context["io"] = {
  ...ctx.io,
  out(text) {
    drawings += 1;
    // The switch to bracketed paste and the first composer.
    if (fault !== "mute" || drawings <= 2) ctx.io.out(text);
  },
  rawTerminal: (handlers) =>
    ctx.io.rawTerminal({ ...handlers, onData: (chunk) => handlers.onData(bent(chunk)) }),
};
process.exit(await runCanary(Object.assign(Object.create(ctx), { io })));
