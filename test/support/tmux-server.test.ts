// The private tmux server of other tests: really private, and really gone afterwards.
import { existsSync } from "node:fs";
import { expect, test } from "bun:test";
import { isRunning } from "./processes.ts";
import { defaultTmuxSessions, endTmuxServer, startTmuxServer } from "./tmux-server.ts";

test("two servers on the same socket name do not see each other, and the default one sees neither", async () => {
  const before = await defaultTmuxSessions();
  await using first = await startTmuxServer();
  await using second = await startTmuxServer();
  await first.tmux("new-session", "-d", "-s", "only-first", "cat");

  expect((await first.tmux("has-session", "-t", "=only-first")).exitCode).toBe(0);
  expect((await second.tmux("has-session", "-t", "=only-first")).exitCode).toBe(1);
  expect(await defaultTmuxSessions()).toBe(before);
});

test("dispose ends the server's process and removes its folder", async () => {
  const server = await startTmuxServer();
  const pid = Number((await server.tmux("display-message", "-p", "#{pid}")).stdout);
  expect(isRunning(pid)).toBe(true);
  await server[Symbol.asyncDispose]();
  expect(isRunning(pid)).toBe(false);
  expect(existsSync(server.env.TMUX_TMPDIR ?? "")).toBe(false);
});

test("ending a server that is not there is fine", async () => {
  await using server = await startTmuxServer();
  await endTmuxServer("nobody", server.env);
});
