// The two ends of the spool: what was taken is never handed over again, and what was not can be taken back.
import { renameSync } from "node:fs";
import { expect, test } from "bun:test";
import { clock } from "../../src/adapters/clock.ts";
import { processes } from "../../src/adapters/processes.ts";
import type { Context } from "../../src/context.ts";
import { openEnvelope, sealEnvelope } from "../../src/domain/message.ts";
import { forgetBack, handOver, isSpoolUp, takeBackFrom } from "../../src/messages/spool.ts";
import { AppError } from "../../src/errors.ts";
import { lookAtActivities } from "../../src/fleet/activities.ts";
import { loadRoster } from "../../src/fleet/load-roster.ts";
import { rest } from "../support/fake-exec.ts";
import { eventually } from "../support/eventually.ts";
import { fakeContext } from "../support/fake-context.ts";
import { messageTexts } from "../support/message-texts.ts";
import { sanitized } from "../support/sanitized.ts";

const run = { agent: "lead", instance: "i2" };
const folder = ".local/state/mosaic/agents/lead/spool";
const message = { id: "m1", text: "hello", isNow: false };

/** An agent of one line: it prints what it is handed, and has it at once. */
const extension = `
  const { openSpool } = await import(process.argv[1]);
  const spool = openSpool({
    canTake: ({ isNow }) => isNow || process.argv[2] !== "busy",
    fault() {
      if (process.argv[2] === "throws") throw new Error("another version of the runtime has no such call");
      return process.argv[2] === "rejects" ? Promise.reject(new Error("no net")) : undefined;
    },
    handOver({ text }) {
      console.log(JSON.stringify(text));
      setTimeout(() => spool.got(text), 0);
    },
  });
  process.stdin.resume().on("end", () => { spool.close(); process.exit(); });
`;

function startExtension(ctx: Context, word: string) {
  const file = `${import.meta.dir}/../../framework/hooks/spool.js`;
  const child = Bun.spawn([process.execPath, "-e", extension, file, word], {
    env: { MOSAIC_HOOK_STATE: ctx.paths.state, MOSAIC_AGENT: "lead", MOSAIC_INSTANCE: "i2" },
    stdin: "pipe",
    stdout: "pipe",
  });
  return {
    async end(): Promise<string[]> {
      await child.stdin.end();
      const out = await new Response(child.stdout).text();
      await child.exited;
      return out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
    },
  };
}

test("every kind of text comes through as it is, once, while the extension says that it is up", async () => {
  using fake = fakeContext();
  const ctx = { ...fake, clock, processes };
  expect(await isSpoolUp(ctx, run)).toBe(false);
  const extended = startExtension(ctx, "idle");
  await eventually(() => isSpoolUp(ctx, run));
  const texts = Object.values(messageTexts).map((body, index) => {
    return sealEnvelope({ id: `m${index}`, label: "a:b", body });
  });
  const ends = [];
  for (const [index, text] of texts.entries()) {
    ends.push(await handOver(ctx, run, { id: `m${index}`, text, isNow: false }));
  }
  expect(await extended.end()).toEqual(texts);
  expect(new Set(ends)).toEqual(new Set(["done"]));
  expect(texts.map((text) => openEnvelope(text)?.body)).toEqual(
    Object.values(messageTexts).map(sanitized),
  );
  // It has closed its end, and nothing is left.
  expect(await isSpoolUp(ctx, run)).toBe(false);
  expect(await fake.files.list(fake.home.at(`${folder}/i2`))).toEqual([]);
});

test("one that the extension cannot take now is taken back, and what must not wait is taken", async () => {
  using fake = fakeContext();
  const ctx = { ...fake, clock, processes };
  const extended = startExtension(ctx, "busy");
  await eventually(() => isSpoolUp(ctx, run));
  const ends = [
    await handOver(ctx, run, message),
    await handOver(ctx, run, { ...message, id: "m2", isNow: true }),
  ];
  expect([ends, await extended.end()]).toEqual([["working", "done"], ["hello"]]);
});

test.each(["throws", "rejects"])(
  "a look for what would keep the message from its model, which itself %s, keeps none away",
  async (word) => {
    using fake = fakeContext();
    const ctx = { ...fake, clock, processes };
    const extended = startExtension(ctx, word);
    await eventually(() => isSpoolUp(ctx, run));
    expect([await handOver(ctx, run, message), await extended.end()]).toEqual(["done", ["hello"]]);
  },
);

test("a spool is not up once its process is another one", async () => {
  using ctx = fakeContext({ processes: [{ pid: 7, env: { MOSAIC_INSTANCE: "i1" } }] });
  ctx.home.write(`${folder}/i2/up`, "7");
  expect(await isSpoolUp(ctx, run)).toBe(false);
  expect(await handOver(ctx, run, message)).toBe("down");
  ctx.processTable.push({ pid: 8, env: { MOSAIC_INSTANCE: "i2" } });
  ctx.home.write(`${folder}/i2/up`, "8");
  expect(await isSpoolUp(ctx, run)).toBe(true);
});

test.each([
  ["and its process lives", "i2"],
  ["and its process is gone", "i1"],
])("one that was taken and never shown is not taken back, %s", async (_, instance) => {
  using ctx = fakeContext({ processes: [{ pid: 8, env: { MOSAIC_INSTANCE: instance } }] });
  ctx.home.write(`${folder}/i2/up`, "8");
  const write: Context["files"]["write"] = async (path, ...more) => {
    await ctx.files.write(path, ...more);
    renameSync(path, path.replace(".message", ".taken"));
  };
  expect(await handOver({ ...ctx, files: { ...ctx.files, write } }, run, message)).toBe("taken");
  expect(await takeBackFrom(ctx, "lead", "m1")).toBe(false);
});

test("what a former run never took is taken back, and its folder goes", async () => {
  using ctx = fakeContext();
  ctx.home.write(`${folder}/i1/m0.message`, "{}");
  ctx.home.write(`${folder}/i0/m9.taken`, "{}");
  await handOver(ctx, run, message);
  expect(await ctx.files.list(ctx.home.at(folder))).toEqual(["i1", "i2"]);
  expect(await takeBackFrom(ctx, "lead", "m0")).toBe(true);
  // As long as its receipt does not say so.
  expect(await takeBackFrom(ctx, "lead", "m0")).toBe(true);
  await forgetBack(ctx, "lead", "m0");
  expect(await takeBackFrom(ctx, "lead", "m0")).toBe(false);
  await handOver(ctx, run, message);
  expect(await ctx.files.list(ctx.home.at(folder))).toEqual(["i2"]);
});

async function refuseWrite(path: string): Promise<void> {
  throw new AppError(`cannot write ${path}: no space left on device`);
}

test("a folder that takes no file is a spool that is down: nothing of the message is there", async () => {
  using ctx = fakeContext({ processes: [{ pid: 8, env: { MOSAIC_INSTANCE: "i2" } }] });
  ctx.home.write(`${folder}/i2/up`, "8");
  expect(
    await handOver({ ...ctx, files: { ...ctx.files, write: refuseWrite } }, run, message),
  ).toBe("down");
  expect(await takeBackFrom(ctx, "lead", "m1")).toBe(false);
});

test("an agent whose first report was lost is heard of by its spool, and is not taken to start for minutes", async () => {
  using fake = fakeContext();
  const ctx = { ...fake, clock, processes };
  const screen = ["\u001Fmosaic lead pi", "", "─".repeat(40), "", "─".repeat(40)].join("\n");
  fake.allowExec(["tmux", rest], { stdout: screen });
  const agents = [{ name: "lead", runtime: "pi", workdir: "~/" }];
  fake.home.write(
    ".config/mosaic/fleet/roster.yaml",
    JSON.stringify({ version: 1, socket: "mosaic-t", agents }),
  );
  const [agent] = (await loadRoster(fake)).agents;
  if (agent === undefined) throw new Error("no agent");
  const living = { agent, paneId: "%1", instance: run.instance, startedAt: clock.now() };
  const says = async () =>
    (await lookAtActivities(ctx, "mosaic-t", [living])).get("lead")?.activity;
  expect(await says()).toBeUndefined();
  const extended = startExtension(ctx, "idle");
  await eventually(() => isSpoolUp(ctx, run));
  expect(await says()).toBe("idle");
  await extended.end();
});
