// The end of a hook that has reported. process.exit closes every SQLite database, and whoever is the last to close one
// writes its whole log into it and removes it: four waits for the disk, which the next hook pays for once more when it
// makes the log anew (measured with Bun 1.4.5). _exit(2) leaves the log to whoever opens the database next.
import { loadLibc } from "./libc.ts";
import { hasOpenDatabase } from "./sqlite.ts";

/** Does not come back where a database is open and the C library is at hand; what was committed is in the log either way. */
export async function endWithoutClosing(exitCode: number): Promise<void> {
  if (!hasOpenDatabase()) return;
  const libc = await loadLibc({ _exit: { args: ["i32"], returns: "void" } });
  if (libc === undefined) return;
  const { _exit: end } = libc;
  end(exitCode);
}
