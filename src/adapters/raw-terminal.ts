// The terminal for a program that draws its own screen (the canary): raw mode, bytes, size.
import type { RawTerminal, RawTerminalHandlers } from "../context.ts";

/** When the terminal does not say (a size of 0×0): the one that tmux gives a detached session by default. */
const defaultSize = { columns: 80, rows: 24 };

/** Switches standard input to raw mode until dispose. Call it only when standard input is a terminal. */
export function openRawTerminal(handlers: RawTerminalHandlers): RawTerminal {
  const { stdin, stdout } = process;
  const onData = (chunk: Uint8Array) => handlers.onData(chunk);
  const onResize = () => handlers.onResize();
  const onEnd = () => handlers.onEnd();
  stdin.setRawMode(true);
  stdin.on("data", onData).on("end", onEnd).on("close", onEnd);
  stdout.on("resize", onResize);
  stdin.resume();
  return {
    size: () => ({
      columns: stdout.columns || defaultSize.columns,
      rows: stdout.rows || defaultSize.rows,
    }),
    [Symbol.dispose]: () => {
      stdin.off("data", onData).off("end", onEnd).off("close", onEnd);
      stdout.off("resize", onResize);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
