// Who is inside of what only one may be in, told by those who are inside and not by any lock. Whoever enters first makes a
// file of its own (O_EXCL), named after its pid and start, then looks for the files of others. Of two that are inside at
// once the later one finds the earlier one, whose process lives; nobody else can be found alive, because a file is there
// only while its process is inside, or once it was killed in there.
import { closeSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { parseStat } from "../../src/adapters/processes.ts";

/** `events` gets `double WHAT PID OTHER STATE` for each that was inside as well, `abandoned WHAT` for each dead one. */
export interface Witness {
  what: "lock" | "mutex";
  inside: string;
  tell: (event: string) => void;
}

/** Enters with this process; what it gives leaves. Without a pause in between, and quick: some 20 microseconds. */
export function enter({ what, inside, tell }: Witness): () => void {
  const own = nameOf(process.pid);
  const file = `${inside}/${own}`;
  closeSync(openSync(file, "wx"));
  for (const other of readdirSync(inside)) {
    if (other === own) continue;
    const state = stateOf(other);
    if (state !== undefined) {
      tell(`double ${what} ${own} ${other} ${state}`);
      continue;
    }
    rmSync(`${inside}/${other}`, { force: true });
    tell(`abandoned ${what}`);
  }
  return () => rmSync(file);
}

/** The letter of proc(5) for a process that lives and can still do something; undefined when it does not. */
export function stateOf(name: string): string | undefined {
  const found = statOf(Number(name.split("-")[0]));
  if (found === undefined || `${found.pid}-${found.startTicks}` !== name) return undefined;
  return "ZX".includes(found.state) ? undefined : found.state;
}

function nameOf(pid: number): string {
  return `${pid}-${statOf(pid)?.startTicks}`;
}

function statOf(pid: number) {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined; // Gone.
  }
}

/** The same for the lock, as a command that runs under it: enters, stays, and leaves as its last deed. */
const script = `
inside=$1 events=$2 seconds=$3
[ "$4" = deaf ] && trap '' TERM
look() {
  read -r line <"/proc/$1/stat" || return
  set -- \${line##*) }
  state=$1 start=\${20}
}
look $$
own=$$-$start
set -C
: >"$inside/$own" || exit 3
for file in "$inside"/*; do
  other=\${file##*/}
  [ "$other" = "$own" ] && continue
  if look "\${other%-*}" && [ "$start" = "\${other#*-}" ] && [ "$state" != Z ] && [ "$state" != X ]; then
    echo "double lock $own $other $state" >>"$events"
  else
    rm -f "$file"
    echo "abandoned lock" >>"$events"
  fi
done
echo inside >>"$events"
[ "$seconds" = 0 ] || sleep "$seconds"
exec rm -f "$inside/$own"`;

export interface InsideOptions {
  inside: string;
  events: string;
  seconds: number;
  /** It ignores SIGTERM. */
  isDeaf: boolean;
  /** The one inside is a child of the command, and lives on when the command alone is killed. */
  isBelow: boolean;
}

/** argv of such a command. */
export function insideCommand(options: InsideOptions): string[] {
  const { inside, events, seconds, isDeaf, isBelow } = options;
  const shell = ["sh", "-c", script, "inside", inside, events];
  const argv = [...shell, seconds === 0 ? "0" : seconds.toFixed(3), isDeaf ? "deaf" : "hears"];
  return isBelow ? ["sh", "-c", '"$@"; exit', "above", ...argv] : argv;
}
