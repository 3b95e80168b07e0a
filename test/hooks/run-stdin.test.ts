// What Claude Code sends to a hook: it takes one that ends before it has read all for one that failed.
import { expect, test } from "bun:test";
import { main } from "../../src/main.ts";
import { fakeContext } from "../support/fake-context.ts";

test.each([
  ["no file", undefined],
  ["no hook", { version: 1, hooks: [] }],
  ["a damaged file", "{"],
])("an event is read to its end, or its sender tells of a broken pipe: %s", async (_, file) => {
  using fake = fakeContext();
  const text = typeof file === "string" ? file : JSON.stringify(file);
  if (text !== undefined) fake.home.write(".claude/hooks-config.json", text);
  let isRead = false;
  const readStdin = async () => {
    isRead = true;
    return "{}";
  };
  const ctx = { ...fake, paths: fake.paths, io: { ...fake.io, readStdin } };
  const exitCode = await main(["hook", "run", "PreToolUse", "--claude"], ctx);
  expect([exitCode, isRead]).toEqual([0, true]);
});
