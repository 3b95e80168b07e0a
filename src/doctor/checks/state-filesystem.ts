// The state folder's file system: agents are waited for through a FIFO and guarded by flock, and some network and
// overlay file systems have neither. Tried in a folder of our own, which is removed again.
import type { Context } from "../../context.ts";
import { shellQuote } from "../../domain/shell-word.ts";
import { askTimeoutMs, type Check, ok, problem, warning } from "../check.ts";
import { nearestFolder } from "../nearest-folder.ts";

/**
 * The same calls as in start-agent-session.sh. A FIFO opened for both ends does not block on Linux (fifo(7)). The inner
 * flock has a file of its own open, so the lock of the outer one must hold it off.
 */
const script = `cd "$1" || exit 9
mkfifo -m 600 fifo || { echo "mkfifo failed"; exit; }
exec 4<>fifo || { echo "opening a FIFO failed"; exit; }
echo up >&4
read -r word <&4
[ "$word" = up ] || echo "a FIFO lost what was written into it"
exec 9>lock
flock -n 9 || { echo "flock failed"; exit; }
if flock -n lock true 9>&-; then echo "flock let two in"; fi
flock -u 9
flock -w 1 lock true 9>&- || echo "flock -w failed"
`;

export const stateFilesystem: Check = {
  id: "state-filesystem",
  title: "state folder",
  needs: "home",
  async run(ctx) {
    const { state, home } = ctx.paths;
    const folder = await nearestFolder(ctx, state);
    if (folder !== state && home.startsWith(folder === "/" ? folder : `${folder}/`)) {
      return warning(`cannot try FIFOs and locks: ${folder} is above the home folder ${home}`);
    }
    const result = await tryIn(ctx, folder);
    const where = folder === state ? state : `${folder} (${state} is made when it is needed)`;
    if (result.timedOut)
      return problem(`a FIFO or a lock blocks for ever in ${where}`, mountOf(folder));
    const faults = result.stdout
      .trim()
      .split("\n")
      .filter((line) => line !== "");
    if (result.exitCode !== 0 && faults.length === 0) {
      return warning(`cannot try FIFOs and locks in ${where}: ${lastLine(result.stderr)}`);
    }
    if (faults.length === 0) return ok(`FIFOs and locks work in ${where}`);
    const details = faults.map((fault) => `${fault} in ${where}`);
    const said = lastLine(result.stderr);
    return problem([...details, ...(said === "" ? [] : [said])].join("\n"), mountOf(folder));
  },
};

async function tryIn(ctx: Context, folder: string) {
  const probe = `${folder}/.mosaic-doctor-${ctx.randomHex(12)}`;
  await ctx.files.makeDir(probe, 0o700);
  try {
    const argv = ["/bin/sh", "-c", script, "sh", probe];
    return await ctx.exec(argv, { timeoutMs: askTimeoutMs });
  } finally {
    await ctx.files.remove(probe);
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** Nothing that can be typed makes it better; where the folder lies is what a person must know. */
function mountOf(folder: string): string {
  return `findmnt -T ${shellQuote(folder)}`;
}
