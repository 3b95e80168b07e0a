// What agents say of themselves, and what it proves of the messages to them. Over 200 lines because every rule has its case.
import { expect, test } from "bun:test";
import type { Database } from "../../src/context.ts";
import { parseReport } from "../../src/domain/agent-report.ts";
import { reportOfHook } from "../../src/domain/hook-events.ts";
import { claimMessage, releaseClaim, setTaker } from "../../src/store/claims.ts";
import { findMessage } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { addReceipt, receiptsOf } from "../../src/store/receipts.ts";
import { addReport, lastReport } from "../../src/store/reports.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";

const agent = "lead";
let now = 0;

function told(store: Database, kind: string, more: object = {}, instance = "i1"): void {
  const report = parseReport(kind, { session: "s1", ...more }) ?? reportOfHook(kind, more);
  if (report === undefined) throw new Error(`no report: ${kind}`);
  addReport(store, report, { agent, instance, at: ++now });
}

function sent(store: Database, id: string, body = "hello"): void {
  const common = {
    label: "host:operator",
    key: undefined,
    sender: undefined,
    isNow: false,
    expiresAt: 1e9,
  };
  const { message } = addMessage(store, { id, agent, body, createdAt: ++now, ...common });
  claimMessage(store, message, ++now);
}

const activityIn = (store: Database, instance = "i1") =>
  lastReport(store, { agent, instance })?.activity;
const statusOf = (store: Database, id: string) => findMessage(store, id)?.status;
const prompt = (id: string, body = "hello") => `[mosaic ${id} from host:operator]\n${body} `;

test("its activity follows its reports", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const course = [
    ["session-started", {}, "idle"],
    ["prompt-accepted", { text: "x" }, "working"],
    ["waiting", { question: "may it?" }, "waiting"],
    ["working", {}, "working"],
    ["turn-ended", { answer: "done" }, "idle"],
    ["session-ended", {}, undefined],
  ] as const;
  const seen = course.map(([kind, more]) => {
    told(store, kind, more);
    return [kind, activityIn(store)];
  });
  expect(seen).toEqual(course.map(([kind, , activity]) => [kind, activity]));
});

test("a late word of the run before says nothing of this one", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  told(store, "session-started", {}, "i2");
  told(store, "prompt-accepted", { text: "x" }, "i1");
  expect([activityIn(store, "i1"), activityIn(store, "i2")]).toEqual(["working", "idle"]);
  told(store, "session-started", {}, "i2");
  expect([activityIn(store, "i1"), activityIn(store, "i2")]).toEqual([undefined, "idle"]);
});

test("what a run said that it has, and never reported, has failed with it; what was only typed has not", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  for (const id of ["a", "b"]) {
    sent(store, id);
    const message = findMessage(store, id);
    if (message === undefined) throw new Error(`no message ${id}`);
    const receipt = { at: ++now, source: "agent", evidence: "", cause: "" } as const;
    addReceipt(store, message, { status: "submitted", ...receipt });
    if (id === "a") setTaker(store, message, "i1");
  }
  told(store, "session-started", {}, "i1");
  expect(["a", "b"].map((id) => statusOf(store, id))).toEqual(["submitted", "submitted"]);
  told(store, "session-started", {}, "i2");
  expect(["a", "b"].map((id) => statusOf(store, id))).toEqual(["failed", "submitted"]);
});

test("a prompt of ours is accepted, and answered when its turn ends", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a");
  sent(store, "b");
  told(store, "prompt-accepted", { text: prompt("a") });
  expect([statusOf(store, "a"), statusOf(store, "b")]).toEqual(["accepted", "queued"]);
  told(store, "turn-ended", { answer: "42" });
  expect(findMessage(store, "a")).toMatchObject({ status: "answered", answer: "42" });
  expect(statusOf(store, "b")).toBe("queued");
});

test("several that a runtime joins are each accepted, and a text that differs is told", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a", "one\n\ttwo");
  sent(store, "b", "three");
  sent(store, "c", "four five");
  sent(store, "d", "six");
  const joined = [
    `<pasted_content id="1">${prompt("a", "one\n    two")}</pasted_content>`,
    prompt("b", "three"),
    prompt("c", "four"),
    `${prompt("d", "six")}hmm`,
  ].join("\n");
  told(store, "prompt-accepted", { text: joined });
  const evidence = ["a", "b", "c", "d"].map((id) => {
    const message = findMessage(store, id);
    return message && receiptsOf(store, message).at(-1)?.evidence;
  });
  expect(evidence).toEqual([
    "it reports the prompt, with the whole text",
    "it reports the prompt, with the whole text",
    "it reports the prompt, but the text differs from what was sent",
    "it reports the prompt, with the whole text and words of somebody else beside it",
  ]);
});

test("words that somebody had typed before a message came are told too", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a");
  told(store, "prompt-accepted", { text: `hm${prompt("a")}` });
  const message = findMessage(store, "a");
  expect(message && receiptsOf(store, message).at(-1)?.evidence).toBe(
    "it reports the prompt, with the whole text and words of somebody else beside it",
  );
});

test("a prompt that quotes a refused message accepts nothing", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a");
  const refused = findMessage(store, "a");
  if (refused === undefined) throw new Error("no message");
  const at = { at: 1, source: "screen", evidence: "a draft", cause: "draft" } as const;
  addReceipt(store, refused, { status: "refused", ...at });
  releaseClaim(store, refused);
  told(store, "prompt-accepted", { text: prompt("a") });
  expect(statusOf(store, "a")).toBe("refused");
});

test("another agent's message, and one that was never sent, are not ours to accept", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a");
  const text = `${prompt("a")}${prompt("never")}`;
  addReport(
    store,
    { kind: "prompt-accepted", session: "", text },
    { agent: "other", instance: "i", at: ++now },
  );
  expect([statusOf(store, "a"), statusOf(store, "never")]).toEqual(["queued", undefined]);
});

test("a turn that fails is no answer", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a");
  told(store, "prompt-accepted", { text: prompt("a") });
  told(store, "turn-failed", { reason: "429" });
  expect(findMessage(store, "a")).toMatchObject({ status: "failed", answer: undefined });
});

test("the screen may be slower than the agent: what it saw is kept, and the status stays", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a");
  told(store, "prompt-accepted", { text: prompt("a") });
  const message = findMessage(store, "a");
  if (message === undefined) throw new Error("it was sent");
  const receipt = { at: ++now, source: "screen", evidence: "seen", cause: "" } as const;
  expect(addReceipt(store, message, { status: "submitted", ...receipt })).toBe(false);
  expect(receiptsOf(store, message).map(({ status }) => status)).toEqual([
    "queued",
    "accepted",
    "submitted",
  ]);
  expect(statusOf(store, "a")).toBe("accepted");
  // Nothing takes the agent's word back.
  expect(addReceipt(store, message, { status: "refused", ...receipt })).toBe(false);
});

/** As Claude Code reports it: three submits and two turns, or one turn for all (research on agents). */
test.each([
  ["a turn of its own", ["Stop first", "Stop second"], ["first", "second"]],
  ["the running turn", ["Stop first", "prompt c", "Stop third"], ["first", "first"]],
])("what is queued by the runtime is answered by %s", async (_what, course, answers) => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  for (const id of ["a", "b", "c"]) sent(store, id);
  told(store, "SessionStart");
  told(store, "UserPromptSubmit", { prompt: prompt("a") });
  told(store, "UserPromptSubmit", { prompt: prompt("b") });
  for (const step of course) {
    const [what, word = ""] = step.split(" ");
    if (what === "Stop") told(store, "Stop", { last_assistant_message: word });
    else told(store, "UserPromptSubmit", { prompt: prompt(word) });
  }
  expect(["a", "b"].map((id) => findMessage(store, id))).toMatchObject(
    answers.map((answer) => ({ status: "answered", answer })),
  );
});

test("a turn that was interrupted without a word is no answer, and takes none from the next one", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  for (const id of ["a", "b"]) sent(store, id);
  told(store, "SessionStart");
  told(store, "UserPromptSubmit", { prompt: prompt("a"), prompt_id: "t1" });
  // Esc, and somebody types another prompt: it is another turn.
  told(store, "UserPromptSubmit", { prompt: prompt("b"), prompt_id: "t2" });
  told(store, "Stop", { last_assistant_message: "only to b" });
  expect([findMessage(store, "a"), findMessage(store, "b")]).toMatchObject([
    { status: "failed", answer: undefined },
    { status: "answered", answer: "only to b" },
  ]);
});

test("a run that ends in a turn takes its messages with it: the next run's answer is not theirs", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  for (const id of ["a", "b"]) sent(store, id);
  told(store, "session-started", {}, "i1");
  told(store, "prompt-accepted", { text: prompt("a"), turn: "1" }, "i1");
  told(store, "session-started", {}, "i2");
  told(store, "working", {}, "i2");
  told(store, "prompt-accepted", { text: prompt("b"), turn: "1" }, "i2");
  // A late word of the run before.
  told(store, "turn-ended", { answer: "late" }, "i1");
  told(store, "turn-ended", { answer: "only to b" }, "i2");
  expect([findMessage(store, "a"), findMessage(store, "b")]).toMatchObject([
    { status: "failed", answer: undefined },
    { status: "answered", answer: "only to b" },
  ]);
});

test("a header that somebody quotes is no proof of a message that was never typed", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const common = { agent, label: "x", key: undefined, sender: undefined, isNow: false };
  addMessage(store, { id: "queued", body: "hello", createdAt: ++now, expiresAt: 1e9, ...common });
  sent(store, "a", `look: ${prompt("queued")}`);
  const text = prompt("a", `look: ${prompt("queued")}`);
  told(store, "prompt-accepted", { text });
  expect([statusOf(store, "queued"), statusOf(store, "a")]).toEqual(["queued", "accepted"]);
});

test("a session that is compacted in the middle of a turn goes on with it", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  told(store, "SessionStart");
  told(store, "UserPromptSubmit", { prompt: "x", prompt_id: "t1" });
  expect(reportOfHook("SessionStart", { source: "compact" })).toBeUndefined();
  expect(activityIn(store)).toBe("working");
});

test("messages that one turn answers are told to share its answer", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  for (const id of ["a", "b"]) sent(store, id);
  told(store, "prompt-accepted", { text: prompt("a"), turn: "1" });
  told(store, "prompt-accepted", { text: prompt("b"), turn: "1" });
  told(store, "turn-ended", { answer: "both" });
  const evidence = ["a", "b"].map((id) => {
    const message = findMessage(store, id);
    return message && receiptsOf(store, message).at(-1)?.evidence;
  });
  const shared = "it reports the end of its turn, whose answer is that to 2 messages";
  expect(evidence).toEqual([shared, shared]);
});

test.each([
  ["at once", []],
  ["with a tool", ["PreToolUse", "PostToolUse"]],
])(
  "a turn that a site's own Stop hook continues after its end, %s, has its last words as the answer",
  async (_, works) => {
    using ctx = fakeContext();
    using store = await openStore(ctx);
    for (const id of ["before", "a"]) {
      sent(store, id);
      told(store, "UserPromptSubmit", { prompt: prompt(id), prompt_id: id });
      told(store, "Stop", { last_assistant_message: `first of ${id}` });
    }
    for (const event of works) told(store, event);
    told(store, "Stop", { last_assistant_message: "last of a", stop_hook_active: true });
    expect(["before", "a"].map((id) => findMessage(store, id)?.answer)).toEqual([
      "first of before",
      "last of a",
    ]);
  },
);

test.each([
  ["of its own", "p"],
  // Claude Code gives what was queued the id of the turn that ran then.
  ["that was queued while the first one ran", "a"],
])(
  "a person's turn %s, which a Stop hook continues, changes no answer that was given before",
  async (_, id) => {
    using ctx = fakeContext();
    using store = await openStore(ctx);
    sent(store, "a");
    told(store, "UserPromptSubmit", { prompt: prompt("a"), prompt_id: "a" });
    if (id === "a") told(store, "UserPromptSubmit", { prompt: "of a person", prompt_id: id });
    told(store, "Stop", { last_assistant_message: "to a" });
    if (id !== "a") told(store, "UserPromptSubmit", { prompt: "of a person", prompt_id: id });
    told(store, "PreToolUse");
    told(store, "Stop", { last_assistant_message: "to the person" });
    told(store, "PreToolUse");
    told(store, "Stop", {
      last_assistant_message: "to the person, at last",
      stop_hook_active: true,
    });
    expect(findMessage(store, "a")?.answer).toBe("to a");
  },
);
