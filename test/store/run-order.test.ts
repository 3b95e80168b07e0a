// Runs of an agent have an order: what comes late from one of before touches nothing of the one that lives.
import { expect, test } from "bun:test";
import type { Database } from "../../src/context.ts";
import { parseReport } from "../../src/domain/agent-report.ts";
import { isEarlierRun, isFormerRun } from "../../src/domain/run-order.ts";
import { claimMessage, setTaker } from "../../src/store/claims.ts";
import { failFormerRuns, findMessage } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { addReceipt } from "../../src/store/receipts.ts";
import { addReport, lastReport, lastSession } from "../../src/store/reports.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";

const agent = "lead";
const run = (number: number): string => `${1_790_000_000 + number}${"0a".repeat(16)}`;
const [former, living] = [run(1), run(2)];

let now = 0;

function told(store: Database, instance: string, kind: string, more: object = {}): void {
  const report = parseReport(kind, { session: `s-${instance}`, ...more });
  if (report === undefined) throw new Error(`no report: ${kind}`);
  addReport(store, report, { agent, instance, at: ++now });
}

function sent(store: Database, id: string) {
  const from = { label: "host:operator", key: undefined, sender: undefined, isNow: false };
  const times = { createdAt: ++now, expiresAt: 1e9 };
  const { message } = addMessage(store, { id, agent, body: "hello", ...from, ...times });
  claimMessage(store, message, ++now);
  return message;
}

const prompt = (id: string) => ({ text: `[mosaic ${id} from host:operator]\nhello ` });

test("the beginning of a former run, told late, fails nothing of the living one, and does not take its place", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  told(store, living, "session-started");
  sent(store, "accepted");
  told(store, living, "prompt-accepted", prompt("accepted"));
  const taken = sent(store, "taken");
  const receipt = { at: ++now, source: "agent", evidence: "", cause: "" } as const;
  addReceipt(store, taken, { status: "submitted", ...receipt });
  setTaker(store, taken, living);
  told(store, former, "session-started");
  told(store, former, "working");
  const statuses = ["accepted", "taken"].map((id) => findMessage(store, id)?.status);
  expect(statuses).toEqual(["accepted", "submitted"]);
  expect(lastReport(store, { agent, instance: former })).toBeUndefined();
  expect(lastReport(store, { agent, instance: living })?.activity).toBe("working");
  expect(lastSession(store, agent)).toBe(`s-${living}`);
  told(store, living, "turn-ended", { answer: "42" });
  expect(findMessage(store, "accepted")).toMatchObject({ status: "answered", answer: "42" });
});

test("a look at the pane that a restart overtook fails nothing of the run behind it", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  sent(store, "a");
  told(store, living, "prompt-accepted", prompt("a"));
  failFormerRuns(store, { agent, instance: former, at: ++now });
  expect(findMessage(store, "a")?.status).toBe("accepted");
  failFormerRuns(store, { agent, instance: run(3), at: ++now });
  expect(findMessage(store, "a")?.status).toBe("failed");
});

test.each([
  [former, living, true, true],
  [living, former, false, false],
  [living, living, false, false],
  // Of a mosaic that numbered none.
  ["ab".repeat(16), living, true, true],
  [living, "ab".repeat(16), false, false],
  ["ab".repeat(16), "cd".repeat(16), true, false],
  // A file that a full disk left as it was gives the same number twice.
  [living, living.replace("0a", "0b"), true, false],
])("of two runs it is known which came first: %s %s", (one, other, isEarlier, isFormer) => {
  expect([isEarlierRun(one, other), isFormerRun(one, other)]).toEqual([isEarlier, isFormer]);
});
