// Both halves of a tail between two gateways, over a Valkey that loses what it likes: whoever reads has every line in the end,
// each once and in its order.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Valkey } from "../../../src/context.ts";
import { AppError, exitCodes } from "../../../src/errors.ts";
import { createRemoteTails } from "../../../src/gateway/bus/remote-tails.ts";
import { hostId } from "../../../src/gateway/bus/presence.ts";
import { askedChannel } from "../../../src/gateway/bus/tail-wire.ts";
import { relayTails } from "../../../src/gateway/bus/tail-relay.ts";
import type { Tails } from "../../../src/gateway/fleet/tails.ts";
import {
  newWatch,
  readWatch,
  type TailEvent,
  tellLines,
  type Watch,
} from "../../../src/gateway/fleet/watch.ts";
import { fakeContext } from "../../support/fake-context.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

/** What happens next at the host of the agent, or to what is published. */
type Step =
  | { kind: "lines"; count: number }
  | { kind: "lose"; count: number }
  | { kind: "down" }
  | { kind: "up" }
  | { kind: "restart" }
  | { kind: "wait"; ms: number };

const upTo = (most: number) => fc.integer({ min: 1, max: most });

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: upTo(5).map((count): Step => ({ kind: "lines", count })) },
  { weight: 3, arbitrary: upTo(6).map((count): Step => ({ kind: "lose", count })) },
  { weight: 3, arbitrary: upTo(15_000).map((ms): Step => ({ kind: "wait", ms })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "down" }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: "up" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "restart" }) },
);

const steps = fc.array(anyStep, { maxLength: 40 });

function lossyValkey() {
  const heard = new Map<string, Set<(text: string) => void>>();
  const state = { isUp: true, toLose: 0 };
  const valkey: Valkey = {
    get isUp() {
      return state.isUp;
    },
    async send(command, channel = "", text = "") {
      if (!state.isUp) throw new AppError("away", { exitCode: exitCodes.busy });
      expect(command).toBe("PUBLISH");
      if (state.toLose > 0) state.toLose -= 1;
      else setImmediate(() => heard.get(channel)?.forEach((hear) => hear(text)));
      return 1;
    },
    subscribe(channel, hear) {
      heard.set(channel, (heard.get(channel) ?? new Set()).add(hear));
      return () => void heard.get(channel)?.delete(hear);
    },
    onUp: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  /** Who heard it has ended. */
  const forget = (channel: string) => void heard.delete(channel);
  return { valkey, state, forget };
}

function agentOf(clock: FakeClock) {
  let count = 0;
  let watch: Watch;
  let names = 0;
  const restart = () => {
    watch = newWatch(clock, { name: `${++names}`, lines: [] });
    count = 0;
  };
  restart();
  const tails: Tails = { read: async (_, wanted) => readWatch(clock, watch, wanted) };
  const say = (lines: number) => {
    tellLines(
      watch,
      Array.from({ length: lines }, () => `line ${count++}`),
    );
  };
  return {
    tails,
    say,
    restart,
    last: () => (count === 0 ? undefined : `${watch.name}-${count - 1}`),
  };
}

const hasAgent = async () => true;

test("whatever is lost on the way, a reader has every line once, in order, and learns of each restart", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const clock = createFakeClock("manual");
      using fake = fakeContext({ clock });
      const ctx = {
        clock,
        host: fake.host,
        paths: fake.paths,
        randomHex: (digits: number) => fake.randomHex(digits),
      };
      const { valkey, state, forget } = lossyValkey();
      const team = { valkey, name: (...parts: readonly string[]) => parts.join(":") };
      const agent = agentOf(clock);
      const begin = () => relayTails(ctx, { team, tails: agent.tails, hasAgent });
      let relay = begin();
      const told: TailEvent[] = [];
      const tell = (event: TailEvent) => told.push(event) > 0;
      agent.say(3);
      const host = { id: hostId(ctx), name: "alpha" };
      const wanted = { lines: 100, lastId: undefined, reader: { tell } };
      const reading = createRemoteTails(ctx, team).read({ host, agent: "ada" }, wanted);
      await clock.advance(500);
      const stop = await reading;
      for (const step of list) {
        if (step.kind === "lines") agent.say(step.count);
        else if (step.kind === "lose") state.toLose = step.count;
        else if (step.kind === "wait") {
          await clock.advance(step.ms);
          relay.sweep();
        } else if (step.kind === "restart") {
          agent.restart();
          forget(askedChannel(team, host.id));
          relay = begin();
        } else state.isUp = step.kind === "up";
        await clock.advance(1);
      }
      Object.assign(state, { isUp: true, toLose: 0 });
      for (let round = 0; round < 4; round++) {
        await clock.advance(5_000);
        relay.sweep();
      }
      stop();
      const last = told.findLast(({ kind }) => kind === "line");
      // A host of which nothing arrived for 20 s is given up, in words.
      const end = told.at(-1);
      if (end?.kind === "end") expect(end.reason).toBe("alpha does not answer");
      else if (agent.last() !== undefined) expect(last).toMatchObject({ id: agent.last() });
      expect(brokenAt(told)).toBeUndefined();
      await clock.advance(60_000);
    }),
    { numRuns: 300 },
  );
}, 60_000);

/** The first line that does not follow the one before it, without a gap told between them. */
function brokenAt(told: readonly TailEvent[]): string | undefined {
  let before: string | undefined;
  for (const event of told) {
    if (event.kind === "end") return undefined;
    if (event.kind === "gap") before = undefined;
    else {
      const [name, number] = event.id.split("-");
      if (event.text !== `line ${number}`) return `${event.id} says ${event.text}`;
      if (before !== undefined && before !== `${name}-${Number(number) - 1}`) return event.id;
      before = event.id;
    }
  }
  return undefined;
}
