// When the screen's extension of opencode hands a message over. opencode says up to seven seconds after a prompt that it works.
import { expect, test } from "bun:test";
import { runCommand } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";

const host = `${import.meta.dir}/../support/opencode-screen.ts`;
const now = Date.now();
const user = { role: "user", time: { created: now } };
const running = { role: "assistant", time: { created: now } };
const old = now - 120_000;

test.each([
  ["a conversation without a word", [], "hello\n"],
  ["a prompt that is not answered yet", [user], ""],
  ["an answer that is being written", [user, running], ""],
  ["an answer", [user, { role: "assistant", time: { created: now, completed: now } }], "hello\n"],
  ["a prompt that nobody answers any more", [{ role: "user", time: { created: old } }], "hello\n"],
  ["an answer that was cut off", [user, { role: "assistant", time: { created: old } }], "hello\n"],
])("behind %s", async (_, conversation, wanted) => {
  using home = tempHome();
  home.write("agents/lead/spool/i1/m1.message", JSON.stringify({ text: "hello", isNow: false }));
  const run = { MOSAIC_BIN: "/bin/true", MOSAIC_AGENT: "lead", MOSAIC_INSTANCE: "i1" };
  const { stdout, stderr } = await runCommand([process.execPath, "run", host], {
    env: { PATH: "/usr/bin:/bin", HOME: home.path, MOSAIC_HOOK_STATE: home.path, ...run },
    stdin: JSON.stringify({ conversation }),
    timeoutMs: 20_000,
  });
  expect([stdout, stderr]).toEqual([wanted, ""]);
});

test.each([
  ["prompt", "opencode did not take the message: bad\nnot-taken\n"],
  ["session", "opencode began no conversation: no disk\nnot-taken\n"],
])("what its server refuses (%s) is told as refused", async (refuses, wanted) => {
  using home = tempHome();
  const spool = "agents/lead/spool/i1";
  home.write(`${spool}/m1.message`, JSON.stringify({ text: "hello", isNow: false }));
  const run = { MOSAIC_BIN: "/bin/true", MOSAIC_AGENT: "lead", MOSAIC_INSTANCE: "i1" };
  const { stdout, stderr } = await runCommand([process.execPath, "run", host], {
    env: { PATH: "/usr/bin:/bin", HOME: home.path, MOSAIC_HOOK_STATE: home.path, ...run },
    stdin: JSON.stringify({ conversation: [], refuses }),
    timeoutMs: 20_000,
  });
  expect([stdout, stderr]).toEqual(["", ""]);
  expect(home.read(`${spool}/m1.refused`)).toBe(wanted);
});
