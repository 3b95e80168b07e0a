// The builtin supervisor's timer: what waits behind a person's draft is brought though its deliverer was killed.
import { expect, test } from "bun:test";
import { answerTo } from "../../src/canary/answer.ts";
import { canaryFleet } from "../support/canary-fleet.ts";
import { eventually } from "../support/eventually.ts";
import { argvOf, isRunning, signal } from "../support/processes.ts";

test("a deliverer that is killed while it waits behind a draft is followed by another one", async () => {
  await using canaries = await canaryFleet(`
  - { name: one, runtime: canary, args: [--work-ms, "3000"], env: { CANARY_REPORTS: "0" } }`);
  const { fleet } = canaries;
  const deliverers = () =>
    fleet.processes().filter((pid) => argvOf(pid).includes("deliver") && isRunning(pid));
  // It does not report: no hook of it brings what waits.
  await canaries.send("one", "first");
  const { id, status } = await canaries.send("one", "second");
  expect(status).toBe("queued");
  await canaries.keys("one", "-l", "mine");
  await eventually(async () => (await canaries.screen("one")).includes("mine"));
  const [pid = 0] = await eventually(deliverers, { until: ({ length }) => length > 0 });
  for (const one of deliverers()) signal(one, "SIGKILL");
  await eventually(() => !isRunning(pid));
  for (const _ of "mine") await canaries.keys("one", "BSpace");
  const isAnswered = async () => (await canaries.screen("one")).includes(answerTo("second"));
  await eventually(isAnswered, { timeoutMs: 25_000, what: "the second message" });
  expect((await canaries.message(id)).status).toBe("submitted");
}, 60_000);

test("a fleet whose tmux server was killed queues what comes meanwhile, and idle is behind the last message", async () => {
  await using canaries = await canaryFleet(`
  - { name: one, runtime: canary, args: [--work-ms, "700"] }`);
  await canaries.wait("one");
  const shown = await canaries.fleet.tmux("display-message", "-p", "#{pid}");
  signal(Number(shown.stdout.trim()), "SIGKILL");
  const sent = await canaries.send("one", "meanwhile", "--wait", "answered");
  expect([sent.status, sent.answer]).toEqual(["answered", answerTo("meanwhile")]);

  await canaries.send("one", "first", "--wait", "accepted");
  const behind = [await canaries.send("one", "second"), await canaries.send("one", "third")];
  expect(behind.map(({ status }) => status)).toEqual(["queued", "queued"]);
  await canaries.wait("one");
  const ended = await Promise.all(behind.map(({ id }) => canaries.message(id)));
  expect(ended.map(({ status }) => status)).toEqual(["answered", "answered"]);
}, 60_000);
