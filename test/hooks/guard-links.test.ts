// The secrets guard judges where a file is, whatever the name by which it is reached.
import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { defaultHooksConfig } from "../../src/domain/hooks-config.ts";
import { main } from "../../src/main.ts";
import { fakeContext } from "../support/fake-context.ts";

test.each([
  ["notes.txt", 2],
  ["keys/config", 2],
  ["keys/new", 2],
  ["plain.txt", 0],
  ["new/file.txt", 0],
])("%s is exit %d", async (path, exitCode) => {
  using ctx = fakeContext();
  ctx.home.write(
    ".claude/hooks-config.json",
    defaultHooksConfig().replaceAll('"enabled": false', '"enabled": true'),
  );
  ctx.home.write("work/.env", "KEY=1");
  ctx.home.write("work/plain.txt", "");
  ctx.home.write(".ssh/config", "");
  symlinkSync(".env", ctx.home.at("work/notes.txt"));
  symlinkSync(ctx.home.at(".ssh"), ctx.home.at("work/keys"));
  const payload = { tool_name: "Write", cwd: ctx.home.at("work"), tool_input: { file_path: path } };
  const io = { ...ctx.io, readStdin: async () => JSON.stringify(payload) };
  const call = ["hook", "run", "PreToolUse", "--claude"];
  expect(await main(call, { ...ctx, paths: ctx.paths, io })).toBe(exitCode);
});
