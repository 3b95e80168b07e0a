// waitpid(2) through bun:ffi. Bun waits for the children that it started and for no other, so as pid 1 of a container
// it would keep every orphan as a zombie (measured with Bun 1.4.5). Loaded at the first orphan only.
import { loadLibc } from "./libc.ts";

/** Do not wait when the child lives (sys/wait.h; the same on Linux and macOS). */
const noHang = 1;

/** True when the process was a dead child of ours and is off the process table now; false where waitpid is missing. */
export async function reap(pid: number): Promise<boolean> {
  // 0 and negative numbers wait for whole groups, and so for children that Bun waits for.
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`no process to reap: ${pid}`);
  loaded ??= load();
  const waitpid = await loaded;
  return waitpid(pid) === pid;
}

let loaded: Promise<(pid: number) => number> | undefined;

async function load(): Promise<(pid: number) => number> {
  const libc = await loadLibc({ waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" } });
  // Without it a zombie costs one entry of the process table: not worth an error.
  return libc === undefined ? () => 0 : (pid) => libc.waitpid(pid, null, noHang);
}
