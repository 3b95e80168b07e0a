// Messages to the canary, a real pi and a real Claude Code: the receipt says what the agent got. Exactness is judged by
// what the model server received, never by the screen.
// Over 200 lines because every case runs on every runtime of one fleet.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, renameSync } from "node:fs";
import { runtimes } from "../../src/domain/runtimes.ts";
import { eventually } from "../support/eventually.ts";
import {
  type MessageAgent,
  type MessageFleet,
  messageFleet,
  type SentMessage,
} from "../support/message-fleet.ts";
import { begin, falseReceipt } from "../support/message-situations.ts";
import { messageTexts } from "../support/message-texts.ts";

let fleet: MessageFleet;

beforeAll(async () => {
  fleet = await messageFleet();
}, 660_000);

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
}, 60_000);

/** opencode alone takes 50 s to start on a machine that does much else. */
const slowMs = 240_000;

/** Makes the model take its time; the canary has its own. */
const slow = (text: string): string => `${text} [[sleep=1500]]`;

/** Status, and how often it was got. */
const trueEnds = [
  '["answered",1]',
  '["accepted",1]',
  '["refused",0]',
  '["queued",0]',
  // The run that had it ended.
  '["failed",0]',
  '["failed",1]',
  // Not known is what is told.
  '["typed",0]',
  '["typed",1]',
];

test.each<MessageAgent>(["canary", "pi", "claude", "codex", "opencode"])(
  "every kind of text is answered by %s, and got exactly once as it was sent",
  async (agent) => {
    await fleet.wait(agent);
    const told: Record<string, unknown> = {};
    for (const [kind, text] of Object.entries(messageTexts)) {
      const sent = await fleet.send(agent, text, "--wait", "answered");
      const accepted = sent.receipts.find(({ status }) => status === "accepted");
      told[kind] = [sent.exitCode, sent.status, accepted?.evidence, fleet.got(agent, sent)];
    }
    const whole = "it reports the prompt, with the whole text";
    const wanted = Object.entries(messageTexts).map(([kind, text]) => [
      kind,
      [0, "answered", whole, [fleet.wanted(agent, text)]],
    ]);
    expect(told).toEqual(Object.fromEntries(wanted));
  },
  slowMs,
);

describe.each<MessageAgent>(["canary", "pi", "claude", "codex", "opencode"])("%s", (agent) => {
  test(
    "one that works gets what comes when its turn has ended, each once and in order",
    async () => {
      await fleet.wait(agent);
      const texts = [slow("first"), "second", "third"];
      const sent = [];
      for (const text of texts) sent.push(await fleet.send(agent, text));
      // The first one is on its way; the canary may have done with it by then.
      expect(sent[0]?.exitCode).toBe(0);
      if (agent !== "canary") {
        expect(sent.slice(1).map(({ exitCode, status }) => [exitCode, status])).toEqual([
          [6, "queued"],
          [6, "queued"],
        ]);
      }
      const ends = [];
      for (const { id } of sent) ends.push(await fleet.settled(agent, id));
      expect(ends.map((end) => fleet.got(agent, end))).toEqual(
        texts.map((text) => [fleet.wanted(agent, text)]),
      );
      const submittedAt = ends.map((end) => JSON.stringify(end.receipts.at(-1)));
      expect(submittedAt).toHaveLength(3);
    },
    slowMs,
  );

  test(
    "a pane in copy mode gets it all the same",
    async () => {
      await fleet.wait(agent);
      await fleet.fleet.tmux("copy-mode", "-t", `=${agent}:`);
      const sent = await fleet.send(agent, "in copy mode", "--wait", "answered");
      expect([sent.status, fleet.got(agent, sent)]).toEqual([
        "answered",
        [fleet.wanted(agent, "in copy mode")],
      ]);
      // A paste has ended the mode; what comes through a spool leaves a person's scrolling alone.
      await fleet.fleet.tmux("copy-mode", "-q", "-t", `=${agent}:`);
    },
    slowMs,
  );

  test(
    "somebody's draft is left alone",
    async () => {
      await fleet.wait(agent);
      await fleet.keys(agent, "-l", "half a thought");
      await eventually(async () => (await fleet.screen(agent)).includes("half a thought"));
      const sent = await fleet.send(agent, "not now");
      // Through a spool it comes past the composer; else it is refused, and nothing is got.
      if (runtimes[agent].channel === "spool") {
        await fleet.settled(agent, sent.id);
        expect([sent.exitCode, fleet.got(agent, sent)]).toEqual([0, ["not now"]]);
      } else {
        expect([sent.exitCode, sent.status, fleet.got(agent, sent)]).toEqual([4, "refused", []]);
      }
      expect(await fleet.screen(agent)).toContain("half a thought");
      await fleet.keys(agent, "C-u");
      await eventually(async () => !(await fleet.screen(agent)).includes("half a thought"));
    },
    slowMs,
  );

  test(
    "four senders at once: each is answered, and got once",
    async () => {
      await fleet.wait(agent);
      const texts = ["one", "two", "three", "four"].map((word) => `from sender ${word}`);
      const sent = await Promise.all(
        texts.map((text) => fleet.send(agent, text, "--wait", "answered")),
      );
      expect(sent.map((one) => [one.status, fleet.got(agent, one)])).toEqual(
        texts.map((text) => ["answered", [fleet.wanted(agent, text)]]),
      );
    },
    slowMs,
  );

  test(
    "the same key is never typed twice",
    async () => {
      await fleet.wait(agent);
      const flags = ["--key", "once", "--wait", "answered"];
      const both = await Promise.all([1, 2].map(() => fleet.send(agent, "only once", ...flags)));
      const again = await fleet.send(agent, "only once", ...flags);
      expect(new Set([...both, again].map(({ id }) => id)).size).toBe(1);
      expect(fleet.got(agent, again)).toEqual([fleet.wanted(agent, "only once")]);
    },
    slowMs,
  );

  test(
    "one that has just been restarted: the receipt says what it got",
    async () => {
      await fleet.wait(agent);
      const restart = fleet.run(["fleet", "restart", agent]);
      const texts = ["early", "earlier", "earliest"];
      const sent: SentMessage[] = [];
      for (const text of texts) sent.push(await fleet.send(agent, text, "--timeout", "5s"));
      expect((await restart).exitCode).toBe(0);
      await fleet.wait(agent);
      const falseEnds = async (): Promise<unknown[]> => {
        const messages = await fleet.messages(agent);
        const ends = sent.map(({ id }) => messages.find((message) => message.id === id));
        const seen = ends.map((end) => end && [end.status, fleet.got(agent, end).length]);
        return seen.filter((end) => !trueEnds.includes(JSON.stringify(end)));
      };
      // Whatever it was, nothing was got that is told to be refused, and nothing is told that was not got; but for what is
      // on its way to the model just now, or is delivered between the two looks.
      await eventually(falseEnds, {
        until: (ends) => ends.length === 0,
        timeoutMs: 60_000,
        what: "every receipt to be true",
      });
    },
    slowMs,
  );
});

/** Those that have no test of their own above; all of them with all texts: test/bench/message-matrix.ts. */
const staged = (["canary", "pi", "claude", "codex", "opencode"] as const).flatMap((agent) =>
  (["40 columns", "a person types"] as const).map((situation) => ({ agent, situation })),
);

test.each(staged)(
  "$agent, $situation: the receipt says what it got",
  async ({ agent, situation }) => {
    await fleet.wait(agent);
    const undo = await begin(fleet, agent, situation);
    const told: Record<string, string> = {};
    for (const kind of ["short", "5 KB", "leading !"]) {
      const text = messageTexts[kind] ?? "";
      const { id } = await fleet.send(agent, text, "--wait", "answered", "--timeout", "60s");
      const sent = (await fleet.messages(agent)).find((message) => message.id === id);
      if (sent === undefined) throw new Error(`${agent} has no message ${id}`);
      const wanted = fleet.wanted(agent, text);
      told[kind] = falseReceipt(sent, { got: fleet.got(agent, sent), wanted });
      if (situation === "40 columns") {
        expect(sent.receipts.at(-1)).toMatchObject({ status: "answered" });
      }
    }
    await undo?.();
    expect(told).toEqual({ short: "", "5 KB": "", "leading !": "" });
  },
  slowMs,
);

test.each<MessageAgent>(["pi", "opencode"])(
  "a message to %s goes through its spool, and is pasted when that is not up",
  async (agent) => {
    await fleet.wait(agent);
    const wayOf = async (text: string): Promise<string | undefined> => {
      const sent = await fleet.send(agent, text, "--wait", "answered");
      expect([sent.status, fleet.got(agent, sent)]).toEqual(["answered", [text]]);
      return sent.receipts.find(({ status }) => /submitted|typed/.test(status))?.evidence;
    };
    expect(await wayOf("by the spool")).toMatch(/^spool: /);
    const [up = ""] = [
      ...new Bun.Glob(`home/.local/state/mosaic/agents/${agent}/spool/*/up`).scanSync(
        fleet.dir.path,
      ),
    ];
    renameSync(fleet.dir.at(up), fleet.dir.at(`${up}.not`));
    expect(await wayOf("by keys")).toBe("seen in the composer, and seen to leave it");
    renameSync(fleet.dir.at(`${up}.not`), fleet.dir.at(up));
    await fleet.wait(agent);
    expect(await wayOf("by the spool again")).toMatch(/^spool: /);
  },
  slowMs,
);

test.each<[MessageAgent, number, string]>([
  ["pi", 0, "submitted"],
  ["opencode", 6, "queued"],
])(
  "one to a working %s that must not wait: %d, %s; and it is answered",
  async (agent, exitCode, status) => {
    await fleet.wait(agent);
    const first = await fleet.send(agent, slow("at work"), "--wait", "accepted");
    const second = await fleet.send(agent, "!on top", "--when", "now");
    expect([second.exitCode, second.status]).toEqual([exitCode, status]);
    const ends = [await fleet.settled(agent, first.id), await fleet.settled(agent, second.id)];
    expect(ends.map((end) => fleet.got(agent, end))).toEqual([[slow("at work")], ["!on top"]]);
  },
  slowMs,
);

test.each<MessageAgent>(["pi", "claude", "codex", "opencode"])(
  "a reset of %s goes on with its conversation, and with --new begins another one",
  async (agent) => {
    /** How many messages the model is shown after such a reset. */
    const messagesAfter = async (...flags: string[]): Promise<number> => {
      const reset = await fleet.run(["agent", "reset", agent, ...flags]);
      expect(reset).toMatchObject({ exitCode: 0 });
      await fleet.wait(agent);
      const { id, status } = await fleet.send(agent, "hello", "--wait", "answered");
      expect(status).toBe("answered");
      return fleet.model.requests.find(({ prompt }) => prompt.includes(id))?.messages ?? 0;
    };
    const first = await messagesAfter("--new");
    expect(await messagesAfter()).toBeGreaterThan(first);
    expect(await messagesAfter("--new")).toBe(first);
  },
  slowMs,
);

test.each<MessageAgent>(["canary", "pi", "claude", "codex", "opencode"])(
  "a turn of %s that is interrupted is no answer, and takes none from the next one",
  async (agent) => {
    await fleet.wait(agent);
    const first = await fleet.send(agent, "slow [[sleep=20000]]", "--wait", "accepted");
    if (agent !== "canary") {
      const isAsked = () => fleet.model.requests.some(({ prompt }) => prompt.includes(first.id));
      await eventually(isAsked, { what: "its model to be asked" });
    }
    const canStop = async () => (await fleet.screen(agent)).includes("esc to interrupt");
    if (agent === "claude") await eventually(canStop, { what: "Claude Code to take an Escape" });
    await fleet.keys(agent, "Escape");
    // Two keys in one read would be another key.
    if (agent === "claude") await eventually(async () => !(await canStop()));
    if (agent === "opencode") {
      const asksAgain = async () => (await fleet.screen(agent)).includes("again to interrupt");
      await eventually(asksAgain, { what: "opencode to want a second Escape" });
      await fleet.keys(agent, "Escape");
    }
    const next = await eventually(
      async () => {
        // Claude Code puts the prompt back into its composer, where it is somebody's draft.
        if (agent === "claude") await fleet.keys(agent, "C-c");
        const sent = await fleet.send(agent, "next", "--wait", "answered", "--timeout", "20s");
        return sent.status === "answered" ? sent : undefined;
      },
      { what: `${agent} to answer the next message`, timeoutMs: 60_000, intervalMs: 500 },
    );
    const end = (await fleet.messages(agent)).find(({ id }) => id === first.id);
    expect([end?.status, next?.status]).toEqual(["failed", "answered"]);
  },
  slowMs,
);

/** What each agent is asked to do first; `WITNESS` is a file in its folder. */
const questions: readonly [string, string][] = [
  ["asking", ""],
  ["claude", '[[tool=Bash {"command":"touch WITNESS","description":"x"}]]'],
  [
    "codex",
    '[[tool=exec_command {"cmd":"touch WITNESS","sandbox_permissions":"require_escalated","justification":"x"}]]',
  ],
  ["opencode", '[[tool=bash {"command":"touch WITNESS","description":"x"}]]'],
];

test.each(questions)(
  "at a permission question of %s nothing is approved by a message",
  async (agent, tool) => {
    const witness = fleet.dir.at(agent === "asking" ? "witness" : `witness-${agent}`);
    await fleet.wait(agent);
    const text = `run it ${tool.replace("WITNESS", witness)}`;
    const first = await fleet.send(agent, text, "--wait", "accepted");
    expect([first.exitCode, first.stderr]).toEqual([0, ""]);
    await fleet.wait(agent, "waiting");
    const sent = [
      await fleet.send(agent, "yes"),
      await fleet.send(agent, "yes", "--when", "now"),
      await fleet.send(agent, "1", "--now"),
    ];
    expect(sent.map(({ exitCode, status }) => [exitCode, status])).toEqual(
      sent.map(() => [4, "refused"]),
    );
    expect(existsSync(witness)).toBe(false);
    await fleet.keys(agent, "Escape");
    await fleet.wait(agent);
    expect(existsSync(witness)).toBe(false);
    // It reports the end of a turn that was not allowed what it asked for; of the others the next turn or the screen tells.
    const end = (await fleet.messages(agent)).find(({ id }) => id === first.id);
    if (agent === "opencode") expect(end?.status).toBe("failed");
  },
  slowMs,
);
