// A deliverer that is killed leaves a claimed message. Whoever comes next finds out whether anything of it was typed: what
// was not is brought to the agent, what may have been is never typed again.
import { rmSync } from "node:fs";
import { expect, test } from "bun:test";
import type { Context } from "../../src/context.ts";
import { loadRoster } from "../../src/fleet/load-roster.ts";
import { emptyQueue } from "../../src/messages/queue.ts";
import { keepMessage } from "../../src/store/claims.ts";
import { findMessage } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { receiptsOf } from "../../src/store/receipts.ts";
import { openStore } from "../../src/store/store.ts";
import { rest } from "../support/fake-exec.ts";
import { fakeContext, type FakeContext } from "../support/fake-context.ts";

class Killed extends Error {}

const ended = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

const roster = (runtime: string): string => `version: 1
socket: mosaic-t
supervisor: builtin
agents:
  - { name: lead, runtime: ${runtime}, workdir: ~/ }
`;

async function queueOfOne(ctx: FakeContext, runtime = "canary") {
  ctx.home.write(".config/mosaic/fleet/roster.yaml", roster(runtime));
  const store = await openStore(ctx);
  const at = ctx.clock.now();
  const from = { label: "a:b", key: undefined, sender: undefined, isNow: false };
  const times = { createdAt: at, expiresAt: at + 3_600_000 };
  const { message } = addMessage(store, { id: "m1", agent: "lead", body: "hi", ...from, ...times });
  keepMessage(store, message);
  const { socket, agents } = await loadRoster(ctx);
  const [agent] = agents;
  if (agent === undefined) throw new Error("no agent");
  const attempt = (by: Context = ctx) =>
    emptyQueue(by, store, { socket, agent, outlook: async () => ({ kind: "down", why: "" }) });
  const status = () => findMessage(store, "m1")?.status;
  const evidence = () => receiptsOf(store, { seq: message.seq }).at(-1)?.evidence;
  return { attempt, status, evidence, [Symbol.dispose]: () => store[Symbol.dispose]() };
}

const line = "─".repeat(40);
const screen = [`\u001Fmosaic lead pi`, "", line, "", line].join("\n");

const permitIn = (argv: readonly string[]): string => argv[argv.indexOf("-P") + 1] ?? "";

test.each([
  ["before the script typed anything", false, "submitted"] as const,
  ["when the script may have typed", true, "typed"] as const,
])("killed %s", async (_, hasTyped, wanted) => {
  using ctx = fakeContext();
  ctx.allowExec(["tmux", rest], { exitCode: 1, stderr: "no server running on socket" });
  using queue = await queueOfOne(ctx);
  const { attempt, status } = queue;
  const permits: string[] = [];
  let isKilled = true;
  ctx.allowExec(["sh", rest], ({ argv }) => {
    permits.push(permitIn(argv));
    if (!isKilled) return {};
    if (hasTyped) rmSync(permitIn(argv));
    throw new Killed();
  });
  expect(await ended(attempt())).toBeInstanceOf(Killed);
  isKilled = false;
  expect(await attempt()).toBe("empty");
  expect(status()).toBe(wanted);
  // The script of before may live still: the permit of the second try is not its.
  expect(new Set(permits).size).toBe(hasTyped ? 1 : 2);
  expect(await ctx.files.list(ctx.home.at(".local/state/mosaic/agents/lead/typing"))).toEqual([]);
});

test("a permit of before a power cut tells nothing: what was done to it lately may be lost", async () => {
  using ctx = fakeContext();
  ctx.allowExec(["tmux", rest], { exitCode: 1, stderr: "no server running on socket" });
  using queue = await queueOfOne(ctx);
  const { attempt, status } = queue;
  ctx.allowExec(["sh", rest], () => {
    throw new Killed();
  });
  expect(await ended(attempt())).toBeInstanceOf(Killed);
  const self = async () => ({ ...(await ctx.processes.self()), bootId: "another" });
  await attempt({ ...ctx, processes: { ...ctx.processes, self } });
  expect(status()).toBe("typed");
});

test("killed behind the take-back of what the spool did not take: it is handed over again", async () => {
  using ctx = fakeContext({ processes: [{ pid: 8, env: { MOSAIC_INSTANCE: "i2" } }] });
  const folder = ".local/state/mosaic/agents/lead/spool/i2";
  ctx.home.write(`${folder}/up`, "8");
  const pane = [ctx.paths.config, "lead", "lead", "i2", "%1", "99", "0", "0", "0", "%1"].join("\t");
  using queue = await queueOfOne(ctx, "pi");
  const { attempt, status, evidence } = queue;
  ctx.allowExec(["tmux", rest], ({ argv }) =>
    argv.includes("list-panes") ? { stdout: `${pane}\n` } : { stdout: screen },
  );
  // The end of the one that is killed: it has taken the message back, and its receipt is not written.
  const rename: Context["files"]["rename"] = async (...names) => {
    await ctx.files.rename(...names);
    throw new Killed();
  };
  const sleep = (ms: number) => ctx.clock.sleep(Math.max(1, Math.round(ms)));
  const by = { ...ctx, clock: { ...ctx.clock, sleep } };
  expect(await ended(attempt({ ...by, files: { ...ctx.files, rename } }))).toBeInstanceOf(Killed);
  expect(status()).toBe("queued");
  expect(await attempt(by)).toBe("working");
  expect([status(), evidence()]).toEqual([
    "queued",
    "waits: spool: its extension cannot take it now",
  ]);
  expect(await ctx.files.list(ctx.home.at(folder))).toEqual(["up"]);
});
