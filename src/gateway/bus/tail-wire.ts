// What two gateways of a team say to each other for a tail: who reads asks the host of the agent on that host's channel, again
// and again as long as he reads, and is told on a channel of his own. Both are heard through Valkey, which loses what it
// cannot bring, so whatever is told can be seen to be missing, and is asked for again. Pure.
import * as v from "valibot";
import type { TailEvent } from "../fleet/watch.ts";
import type { Team } from "./bus.ts";

/** Between two questions of a reader, and how long a host tells without hearing one. */
export const askMs = 2_000;
export const leaseMs = 10_000;

const id = v.pipe(v.string(), v.maxLength(50));

export const askedSchema = v.object({
  agent: v.pipe(v.string(), v.maxLength(40)),
  /** The channel of the reader. */
  to: v.pipe(v.string(), v.maxLength(200)),
  /** The last line that he has. */
  lastId: v.optional(id),
  /** He has missed something, or everything: begin behind `lastId`. Otherwise he only goes on reading. */
  again: v.boolean(),
});

export type Asked = v.InferOutput<typeof askedSchema>;

export const toldSchema = v.object({
  /** What stands behind `lastId`, as it was asked for. */
  begins: v.optional(v.boolean(), false),
  /** The last line that was told by then. */
  lastId: v.optional(id),
  events: v.optional(
    v.array(
      v.union([
        v.object({ kind: v.literal("line"), id, text: v.string() }),
        v.object({ kind: v.literal("gap") }),
        v.object({ kind: v.literal("end"), reason: v.string() }),
      ]),
    ),
    [],
  ),
  /** Why nothing will be told. */
  refused: v.optional(v.string()),
});

export type Told = Omit<v.InferInput<typeof toldSchema>, "events"> & { events?: TailEvent[] };

/** Where a host is asked. */
export function askedChannel({ name }: Team, hostId: string): string {
  return name("tail-asked", hostId);
}

/** Begins the name of every channel of a reader. */
export function toldChannel({ name }: Team, reader: string): string {
  return name("tail", reader);
}

/** undefined for what is not ours to understand: a newer gateway may say more. */
export function readWire<T>(schema: v.GenericSchema<unknown, T>, text: string): T | undefined {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  return read.success ? read.output : undefined;
}
