// What ends a session, a token or an account in one gateway ends its streams in all of them at once. What a gateway could
// not hear, it finds at its next look into the store (streams.ts, reviewMs).
import * as v from "valibot";
import { AppError } from "../../errors.ts";
import type { Streams } from "../streams.ts";
import type { Team } from "./bus.ts";

const endedSchema = v.union([
  v.strictObject({ credential: v.string() }),
  v.strictObject({ userId: v.string() }),
]);

export function sharedStreams({ valkey, name }: Team, own: Streams): Streams {
  const channel = name("ended");
  valkey.subscribe(channel, (text) => {
    const heard = v.safeParse(v.pipe(v.string(), v.parseJson(), endedSchema), text);
    // What is not ours to understand was not for us: a newer gateway may say more.
    if (heard.success) own.endOf(heard.output);
  });
  return {
    get count() {
      return own.count;
    },
    countOf: (userId) => own.countOf(userId),
    add: (stream) => own.add(stream),
    endAll: (reason) => own.endAll(reason),
    review: (holds) => own.review(holds),
    endOf(of) {
      own.endOf(of);
      if (valkey.isUp) valkey.send("PUBLISH", channel, JSON.stringify(of)).catch(isHeardLater);
    },
  };
}

/** Every gateway asks the store again within a second. */
function isHeardLater(error: unknown): void {
  if (!(error instanceof AppError)) throw error;
}
