// Whose state a hook of settings.json reports: by the process tree, and once.
import { expect, test } from "bun:test";
import { defaultHooksConfig } from "../../src/domain/hooks-config.ts";
import { main } from "../../src/main.ts";
import { findStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";
import type { FakeProcess } from "../support/fake-processes.ts";

const wrapper: FakeProcess = {
  pid: 10,
  comm: "sh",
  argv: ["sh", "/h/tools/fleet/agent-pane.sh", "--pane", "/s/agents/lead"],
};
const claude = (pid: number, parentPid: number, ...args: string[]): FakeProcess => ({
  pid,
  parentPid,
  comm: "claude",
  argv: ["claude", ...args],
});
const shell = (pid: number, parentPid: number): FakeProcess => ({
  pid,
  parentPid,
  comm: "sh",
  argv: ["/bin/sh", "-c", "exec mosaic hook run Stop --claude"],
});
const us = (parentPid: number): FakeProcess => ({ pid: 4242, parentPid, comm: "mosaic" });

const ours = ["--settings", "/h/hooks/claude/settings.json"];

test.each<[string, FakeProcess[], boolean]>([
  ["the agent, by a shell", [wrapper, claude(20, 10), shell(21, 20), us(21)], true],
  ["the agent, when the shell has become us", [wrapper, claude(20, 10), us(20)], true],
  ["an agent that was given our hooks", [wrapper, claude(20, 10, ...ours), us(20)], false],
  [
    "a session inside an agent",
    [wrapper, claude(20, 10), shell(21, 20), claude(22, 21), us(22)],
    false,
  ],
  ["a session that has outlived its pane", [claude(20, 1), us(20)], false],
])("%s", async (_, processes, isReported) => {
  const env = { MOSAIC_AGENT: "lead", MOSAIC_INSTANCE: "0123abcd" };
  const stdin = JSON.stringify({ session_id: "s", prompt: "hello" });
  using ctx = fakeContext({ processes, env, stdin });
  ctx.home.write(".claude/hooks-config.json", defaultHooksConfig());
  expect(await main(["hook", "run", "UserPromptSubmit", "--claude"], ctx)).toBe(0);
  using store = await findStore(ctx);
  const rows = store?.all("SELECT name, activity FROM agents") ?? [];
  expect(rows).toEqual(isReported ? [{ name: "lead", activity: "working" }] : []);
});
