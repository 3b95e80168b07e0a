import { expect, test } from "bun:test";
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { clock } from "../../src/adapters/clock.ts";
import type { Context } from "../../src/context.ts";
import { installHooks, uninstallHooks } from "../../src/hooks/install.ts";
import { toggleHook } from "../../src/hooks/toggle.ts";
import { eventually } from "../support/eventually.ts";
import { fakeContext } from "../support/fake-context.ts";

const settings = ".claude/settings.json";

test.each([
  ["atomic", 400],
  ["in-place", 120],
] as const)(
  "beside a program that rewrites the file (%s, %d times), no key of it is ever lost",
  async (how, count) => {
    using fake = fakeContext();
    const ctx = { ...fake, clock, paths: fake.paths };
    const file = ctx.home.write(settings, '{\n  "model": "opus"\n}\n');
    const argv = [process.execPath, `${import.meta.dir}/../support/foreign-writer.ts`];
    const writer = Bun.spawn([...argv, file, `${count}`, how], { stderr: "pipe" });
    let rounds = 0;
    while (writer.exitCode === null) {
      await installHooks(ctx, { dryRun: false });
      await uninstallHooks(ctx, { dryRun: false });
      rounds += 1;
      // Nothing in it waits when nobody writes, and the end of the writer has to be heard.
      await Bun.sleep(1);
    }
    expect([await writer.exited, await writer.stderr.text()]).toEqual([0, ""]);
    await installHooks(ctx, { dryRun: false });
    const { model, hooks, ...keys } = JSON.parse(ctx.home.read(settings));
    expect([model, Object.keys(keys).length, Object.keys(hooks).length]).toEqual([
      "opus",
      count,
      12,
    ]);
    // However few a loaded machine gets to.
    expect(rounds).toBeGreaterThan(1);
    expect(readdirSync(ctx.home.at(".claude")).toSorted()).toEqual([
      "hooks-config.json",
      "settings.json",
    ]);
  },
  60_000,
);

test("a program that has the file open, and is held up before it writes, loses no key either", async () => {
  using fake = fakeContext();
  const ctx = { ...fake, clock, paths: fake.paths };
  const file = ctx.home.write(settings, '{"model":"opus"}');
  const { ino } = statSync(file);
  const writer = openSync(file, "r+");
  const installed = installHooks(ctx, { dryRun: false });
  await eventually(() => statSync(file).ino, {
    what: "our file in its place",
    until: (now) => now !== ino,
  });
  // Far longer than a look or two at what was taken away.
  await Bun.sleep(200);
  writeSync(writer, '{"model":"opus","theirs":1}', 0);
  closeSync(writer);
  await installed;
  const { hooks, ...keys } = JSON.parse(ctx.home.read(settings));
  expect([keys, Object.keys(hooks).length]).toEqual([{ model: "opus", theirs: 1 }, 12]);
});

test("a file that is a link is written through, with its own mode", async () => {
  using ctx = fakeContext();
  const real = ctx.home.write("dotfiles/claude.json", '{"model":"opus"}', 0o640);
  ctx.home.write(".claude/keep", "");
  symlinkSync(real, ctx.home.at(settings));
  await installHooks(ctx, { dryRun: false });
  expect(lstatSync(ctx.home.at(settings)).isSymbolicLink()).toBe(true);
  expect(statSync(real).mode & 0o777).toBe(0o640);
  expect(Object.keys(JSON.parse(ctx.home.read("dotfiles/claude.json")))).toEqual([
    "model",
    "hooks",
  ]);
  await uninstallHooks(ctx, { dryRun: false });
  expect(ctx.home.read("dotfiles/claude.json")).toBe('{"model":"opus"}');
});

test.each(['{"a": 1,}', '{"a": ', "not json"])(
  "%s is refused, and nothing is written",
  async (text) => {
    using ctx = fakeContext();
    ctx.home.write(settings, text);
    const error = await installHooks(ctx, { dryRun: false }).catch((caught: unknown) => caught);
    expect(String(error)).toContain("not valid JSON");
    expect(ctx.home.read(settings)).toBe(text);
    expect(readdirSync(ctx.home.at(".claude"))).toEqual(["settings.json"]);
  },
);

test.each(["PostToolUse", "secrets-guard", "state"])(
  "%s off and on, or on and off, leaves both files to the byte",
  async (name) => {
    using ctx = fakeContext();
    const lint = { matcher: "Edit", hooks: [{ type: "command", command: "npm run lint" }] };
    ctx.home.write(settings, JSON.stringify({ hooks: { PostToolUse: [lint, lint] } }, null, 4));
    await installHooks(ctx, { dryRun: false });
    const before = bothFiles(ctx);
    const isOn = name !== "secrets-guard";
    await toggleHook(ctx, { name, isOn: !isOn, dryRun: false });
    expect(bothFiles(ctx)).not.toEqual(before);
    await toggleHook(ctx, { name, isOn, dryRun: false });
    expect(bothFiles(ctx)).toEqual(before);
  },
);

test("ten backups are kept, not in the folder of Claude Code", async () => {
  using ctx = fakeContext();
  ctx.home.write(settings, "{}");
  for (let round = 0; round < 8; round++) {
    await installHooks(ctx, { dryRun: false });
    await uninstallHooks(ctx, { dryRun: false });
  }
  const folder = ctx.home.at(".local/state/mosaic/backups");
  const [only = ""] = readdirSync(folder);
  expect(readdirSync(`${folder}/${only}`)).toHaveLength(10);
  expect(ctx.home.read(settings)).toBe("{}");
});

function bothFiles(ctx: Context & { home: { read: (path: string) => string } }): string[] {
  return [settings, ".claude/hooks-config.json"].map((path) => ctx.home.read(path));
}
