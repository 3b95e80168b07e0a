// What is kept of a screen that somebody follows: numbered lines, the last of which stay for readers that come back, and who
// reads them. Where the lines come from is no matter of it.
import type { Clock } from "../../context.ts";

export type TailEvent =
  /** One settled line of the screen. `id` counts up within a watch. */
  | { kind: "line"; id: string; text: string }
  /** Lines were missed between the last one that the reader had and the next one. */
  | { kind: "gap" }
  /** The agent has ended, or can be seen no more. */
  | { kind: "end"; reason: string };

export interface TailReader {
  /** false: the reader cannot keep up, and is given up. */
  tell(event: TailEvent): boolean;
}

export interface Wanted {
  /** How many of the last lines, where nothing else is known. */
  lines: number;
  /** The last one that the reader has. */
  lastId: string | undefined;
  reader: TailReader;
}

export interface Watch {
  /** Begins every id: numbers of another watch mean nothing here. */
  name: string;
  next: number;
  /** The kept lines; the last one has the number `next - 1`. */
  lines: string[];
  readers: Set<TailReader>;
  /** When the last reader went, of the monotonic clock. */
  emptySince: number;
  hasEnded: boolean;
}

/** Lines that are kept for those who come back. */
const keptLines = 2_000;

/** After the last reader went a watch goes on for so long: a reader whose connection broke comes back. */
const lingerMs = 30_000;

export function newWatch(
  clock: Clock,
  { name, lines }: { name: string; lines: readonly string[] },
): Watch {
  const emptySince = clock.monotonic();
  const next = lines.length;
  return { name, next, lines: [...lines], readers: new Set(), emptySince, hasEnded: false };
}

/** Adds lines, and tells them to everybody who reads. */
export function tellLines(watch: Watch, fresh: readonly string[]): void {
  for (const text of fresh) {
    const id = `${watch.name}-${watch.next}`;
    watch.next += 1;
    watch.lines.push(text);
    tellAll(watch, { kind: "line", id, text });
  }
  if (watch.lines.length > keptLines) watch.lines.splice(0, watch.lines.length - keptLines);
}

export function tellAll(watch: Watch, event: TailEvent): void {
  for (const reader of watch.readers) if (!reader.tell(event)) watch.readers.delete(reader);
}

export function endWatch(watch: Watch, reason: string): void {
  watch.hasEnded = true;
  tellAll(watch, { kind: "end", reason });
}

/** Whether nobody has read it for so long that nobody will come back. */
export function isDeserted({ readers, emptySince }: Watch, clock: Clock): boolean {
  return readers.size === 0 && clock.monotonic() - emptySince > lingerMs;
}

/** Tells what the reader has missed, then all that is new, until the returned function is called. */
export function readWatch(clock: Clock, watch: Watch, wanted: Wanted): () => void {
  const { reader } = wanted;
  for (const event of missed(watch, wanted)) reader.tell(event);
  watch.readers.add(reader);
  return () => {
    watch.readers.delete(reader);
    if (watch.readers.size === 0) watch.emptySince = clock.monotonic();
  };
}

/** The name of its watch and its number; undefined for what is no id. */
export function readId(id: string | undefined): { name: string; number: number } | undefined {
  const [, name = "", number = ""] = /^([0-9a-f]{1,32})-(\d{1,15})$/.exec(id ?? "") ?? [];
  return name === "" ? undefined : { name, number: Number(number) };
}

function missed({ name, next, lines }: Watch, wanted: Wanted): TailEvent[] {
  const first = next - lines.length;
  const last = readId(wanted.lastId);
  const isKnown = last?.name === name && last.number >= first - 1 && last.number < next;
  const from = isKnown ? last.number + 1 : Math.max(first, next - wanted.lines);
  const events: TailEvent[] = wanted.lastId !== undefined && !isKnown ? [{ kind: "gap" }] : [];
  for (let index = from; index < next; index++) {
    events.push({ kind: "line", id: `${name}-${index}`, text: lines[index - first] ?? "" });
  }
  return events;
}
