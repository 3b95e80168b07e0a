// What breaks in the middle of a message, with the canary and all other parts real: the receipt tells what is true.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { answerTo } from "../../src/canary/answer.ts";
import { type CanaryFleet, canaryFleet } from "../support/canary-fleet.ts";
import { eventually } from "../support/eventually.ts";
import { allPids, argvOf, environmentOf, isRunning, signal } from "../support/processes.ts";

let canaries: CanaryFleet;

beforeAll(async () => {
  canaries = await canaryFleet(`
  - { name: one, runtime: canary }
  - { name: two, runtime: canary }
  - { name: asking, runtime: canary, args: [--ask, --witness, witness] }`);
}, 60_000);

afterAll(async () => {
  await canaries[Symbol.asyncDispose]();
}, 60_000);

/** A pause between a text and its Enter, in which things can break. */
const pauseMs = "1500";

/** Processes of this fleet with this word in their argv. */
function processesWith(word: string): number[] {
  return canaries.fleet
    .processes()
    .filter((pid) => argvOf(pid).some((text) => text.endsWith(word)) && isRunning(pid));
}

/** A message whose text stands in the composer and has no Enter yet. */
async function typing(agent: string, text: string, ...flags: string[]) {
  await canaries.wait(agent);
  await canaries.option(agent, "@mosaic_enter_delay_ms", pauseMs);
  const sent = canaries.send(agent, text, ...flags).catch((error: unknown) => error);
  await eventually(async () => (await canaries.screen(agent)).includes(text));
  await canaries.option(agent, "@mosaic_enter_delay_ms", "0");
  return { sent };
}

async function lastOf(agent: string) {
  const { stdout } = await canaries.run(["agent", "messages", agent, "-n", "1", "--json"]);
  return JSON.parse(stdout).messages[0];
}

test("somebody's draft, a question and a message of ours are three causes", async () => {
  await canaries.wait("one");
  await canaries.keys("one", "-l", "half a thought");
  await eventually(async () => (await canaries.screen("one")).includes("half a thought"));
  const draft = await canaries.send("one", "not now");
  expect(draft).toMatchObject({ exitCode: 4, status: "refused" });
  expect(draft.receipts.at(-1)).toMatchObject({ cause: "draft" });
  expect(draft.stderr).toContain('somebody\'s draft: "› half a thought"');
  await canaries.keys("one", "C-u");

  await canaries.wait("asking");
  await canaries.send("asking", "do it");
  await canaries.wait("asking", "waiting");
  const question = await canaries.send("asking", "yes", "--when", "now");
  expect(question.receipts.at(-1)).toMatchObject({ status: "refused", cause: "question" });
  await canaries.keys("asking", "Escape");
});

test("its deliverer is killed between the text and its Enter: told as typed, never typed twice, and named", async () => {
  const { sent } = await typing("one", "cut off", "--key", "cut");
  const senders = [...processesWith("agent-send.sh"), ...processesWith("send-message.sh")];
  for (const pid of [...processesWith("send"), ...senders]) signal(pid, "SIGKILL");
  await sent;
  const next = await canaries.send("one", "another");
  const queued = await eventually(
    async () => {
      const { receipts } = await canaries.message(next.id);
      return receipts.find(({ cause }) => cause === "leftover");
    },
    { timeoutMs: 10_000, what: "the reason why it waits" },
  );
  expect(queued?.status).toBe("queued");
  expect(queued?.evidence).toContain("of mosaic, typed and not submitted");
  const again = await canaries.send("one", "cut off", "--key", "cut");
  expect(again).toMatchObject({ exitCode: 5, status: "typed" });
  // What helps is true: Enter sends it, and the agent's own word is the receipt.
  await canaries.keys("one", "Enter");
  await eventually(async () => (await canaries.message(again.id)).status === "answered");
  expect((await canaries.message(again.id)).answer).toBe(answerTo("cut off"));
  await eventually(async () => (await canaries.message(next.id)).status === "answered", {
    timeoutMs: 15_000,
  });
});

test("only mosaic is killed: the script ends its work, and the agent's word is the receipt", async () => {
  const { sent } = await typing("one", "goes on", "--key", "on");
  for (const pid of processesWith("send")) signal(pid, "SIGKILL");
  await sent;
  const end = await eventually(async () => {
    const message = await lastOf("one");
    return message.status === "answered" ? message : undefined;
  });
  expect([end.key, end.answer]).toEqual(["on", answerTo("goes on")]);
});

test("the agent is killed between the text and its Enter: refused, and the same key is answered once it is back", async () => {
  const { sent } = await typing("two", "too late", "--key", "late");
  const [pid] = allPids().filter(
    (one) => argvOf(one).includes("canary") && environmentOf(one).includes("MOSAIC_AGENT=two"),
  );
  if (pid === undefined) throw new Error("no canary");
  signal(pid, "SIGKILL");
  const end = await sent;
  expect(end).toMatchObject({ exitCode: 3, status: "refused", answer: null });
  await eventually(() => canaries.wait("two").then(() => true));
  const again = await canaries.send("two", "too late", "--key", "late", "--wait", "answered");
  expect(again).toMatchObject({ exitCode: 0, answer: answerTo("too late") });
});

test("the tmux server dies between the text and its Enter: refused, and answered once the fleet is back", async () => {
  const { sent } = await typing("two", "no server", "--key", "dead");
  const { stdout } = await canaries.fleet.tmux("display-message", "-p", "#{pid}");
  signal(Number(stdout), "SIGKILL");
  expect(await sent).toMatchObject({ exitCode: 3, status: "refused", answer: null });
  await eventually(async () => (await canaries.run(["fleet", "start"])).exitCode === 0, {
    timeoutMs: 15_000,
  });
  await canaries.wait("two");
  const again = await canaries.send("two", "no server", "--key", "dead", "--wait", "answered");
  expect(again).toMatchObject({ exitCode: 0, answer: answerTo("no server") });
}, 60_000);
