// `mosaic agent deliver` stays with a queue while its roster is being edited.
import { expect, test } from "bun:test";
import { deliverWaiting } from "../../src/messages/deliver-waiting.ts";
import { addMessage, findMessage, keepMessage } from "../../src/store/messages.ts";
import { openStore } from "../../src/store/store.ts";
import { rest } from "../support/fake-exec.ts";
import { fakeContext } from "../support/fake-context.ts";

const roster = `version: 1
socket: mosaic-t
agents:
  - { name: lead, runtime: canary, workdir: ~/ }
`;

test("a roster that is half saved for a while loses nobody who waits for an agent with a draft", async () => {
  using ctx = fakeContext();
  const file = ".config/mosaic/fleet/roster.yaml";
  ctx.home.write(file, roster);
  using store = await openStore(ctx);
  const at = ctx.clock.now();
  const more = { label: "a:b", key: undefined, sender: undefined, isNow: false };
  const times = { createdAt: at, expiresAt: at + 3_600_000 };
  const { message } = addMessage(store, { id: "m1", agent: "lead", body: "hi", ...more, ...times });
  keepMessage(store, message);
  ctx.allowExec(["tmux", rest], { exitCode: 1, stderr: "no server running on socket" });
  let tries = 0;
  ctx.allowExec(["sh", rest], () => {
    tries += 1;
    ctx.home.write(file, tries === 2 ? "version: 1\nagents:\n  - { name: le" : roster);
    return tries <= 2 ? { exitCode: 4, stderr: "a draft" } : {};
  });
  const sleep = async (ms: number): Promise<void> => {
    const isBroken = !(await ctx.files.readText(ctx.home.at(file)))?.includes("socket");
    await ctx.clock.sleep(Math.round(ms));
    if (isBroken && ctx.clock.now() > at + 5_000) ctx.home.write(file, roster);
  };
  expect(await deliverWaiting({ ...ctx, clock: { ...ctx.clock, sleep } }, "lead")).toBe(0);
  expect(findMessage(store, "m1")?.status).toBe("submitted");
});
