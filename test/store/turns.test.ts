// A turn's end is the end of its own messages, and where several share one, their receipts say so. As codex 0.169.0 and
// Claude Code 2.1.330 report it (traced in the soak of test/bench/messages.ts).
import { expect, test } from "bun:test";
import type { Database } from "../../src/context.ts";
import { parseReport } from "../../src/domain/agent-report.ts";
import { reportOfHook } from "../../src/domain/hook-events.ts";
import { claimMessage } from "../../src/store/claims.ts";
import { findMessage } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { receiptsOf } from "../../src/store/receipts.ts";
import { addReport, lastReport } from "../../src/store/reports.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";

const run = { agent: "lead", instance: "i1" };
let now = 0;

function told(store: Database, kind: string, fields: object = {}): void {
  const report = parseReport(kind, fields) ?? reportOfHook(kind, fields);
  if (report === undefined) throw new Error(`no report: ${kind}`);
  addReport(store, report, { ...run, at: ++now });
}

function sent(store: Database, ...ids: string[]): void {
  for (const id of ids) {
    const from = { label: "host:operator", key: undefined, sender: undefined, isNow: false };
    const times = { createdAt: ++now, expiresAt: 1e9 };
    const { message } = addMessage(store, { id, agent: "lead", body: "hello", ...from, ...times });
    claimMessage(store, message, ++now);
  }
}

const prompt = (id: string) => `[mosaic ${id} from host:operator]\nhello `;
const activity = (store: Database) => lastReport(store, run)?.activity;

/** Status, answer and last evidence. */
function standing(store: Database, id: string) {
  const message = findMessage(store, id);
  if (message === undefined) throw new Error(`no message ${id}`);
  return [message.status, message.answer, receiptsOf(store, message).at(-1)?.evidence];
}

const accepted = ["accepted", undefined, "it reports the prompt, with the whole text"];
const end = "it reports the end of its turn";

test.each([
  ["codex", "UserPromptSubmit", "prompt", "Stop", "last_assistant_message", "turn_id"],
  ["our extensions", "prompt-accepted", "text", "turn-ended", "answer", "turn"],
])("%s: the end of another turn is no answer, and the running one goes on", async (...names) => {
  const [, began, text, ended, answer, turn] = names;
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a");
  told(store, began, { [text]: "of a person", [turn]: "t1" });
  told(store, began, { [text]: prompt("a"), [turn]: "t2" });
  told(store, ended, { [answer]: "to the person", [turn]: "t1" });
  expect([standing(store, "a"), activity(store)]).toEqual([accepted, "working"]);
  told(store, ended, { [answer]: "to a", [turn]: "t2" });
  expect([standing(store, "a"), activity(store)]).toEqual([["answered", "to a", end], "idle"]);
});

test.each([
  ["Interrupt", { turn_id: "t1" }],
  ["turn-failed", { turn: "t1", reason: "429" }],
])("the fault of another turn (%s) is not that of the running one", async (kind, fields) => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a");
  told(store, "UserPromptSubmit", { prompt: prompt("a"), turn_id: "t2" });
  told(store, kind, fields);
  expect([standing(store, "a"), activity(store)]).toEqual([accepted, "working"]);
});

test("codex adds a prompt to the running turn: its end answers both at once, and says so", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a", "b");
  told(store, "UserPromptSubmit", { prompt: prompt("a"), turn_id: "t1" });
  told(store, "UserPromptSubmit", { prompt: prompt("b"), turn_id: "t1" });
  told(store, "Stop", { last_assistant_message: "to b", turn_id: "t1" });
  const shared = ["answered", "to b", `${end}, whose answer is that to 2 messages`];
  expect([standing(store, "a"), standing(store, "b")]).toEqual([shared, shared]);
});

test("codex takes a prompt behind the end of a turn into the same one: each has its own answer", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a", "b");
  for (const id of ["a", "b"]) {
    told(store, "UserPromptSubmit", { prompt: prompt(id), turn_id: "t1" });
    told(store, "Stop", { last_assistant_message: `to ${id}`, turn_id: "t1" });
  }
  expect([standing(store, "a"), standing(store, "b")]).toEqual([
    ["answered", "to a", end],
    ["answered", "to b", end],
  ]);
});

test("Claude Code adds a prompt to the running turn and does not say so: both receipts say that they may share it", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a", "b", "c");
  told(store, "UserPromptSubmit", { prompt: prompt("a"), prompt_id: "t1" });
  told(store, "UserPromptSubmit", { prompt: prompt("b"), prompt_id: "t1" });
  told(store, "Stop", { last_assistant_message: "to b", prompt_id: "t1" });
  told(store, "UserPromptSubmit", { prompt: prompt("c"), prompt_id: "t2" });
  const own = ", the one that ran when it came, whose answer is that to other messages too";
  expect([standing(store, "a"), standing(store, "b"), standing(store, "c")]).toEqual([
    ["answered", "to b", `${end}, whose answer may be that to 2 messages`],
    ["answered", "to b", `${end}${own}`],
    accepted,
  ]);
});

test("opencode: a prompt in another conversation cuts off no turn of the first one", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a");
  told(store, "prompt-accepted", { session: "s1", text: prompt("a"), turn: "t1" });
  told(store, "prompt-accepted", { session: "s2", text: "of a person", turn: "t2" });
  told(store, "turn-ended", { session: "s1", answer: "to a", turn: "t1" });
  expect([standing(store, "a"), activity(store)]).toEqual([["answered", "to a", end], "working"]);
});
