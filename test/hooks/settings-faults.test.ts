// What comes in between while settings.json is changed: half a file, another encoding, a Ctrl-C, another mosaic.
import { expect, test } from "bun:test";
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { clock } from "../../src/adapters/clock.ts";
import { installHooks, uninstallHooks } from "../../src/hooks/install.ts";
import { main } from "../../src/main.ts";
import { eventually } from "../support/eventually.ts";
import { fakeContext } from "../support/fake-context.ts";
import { tempHome } from "../support/temp-home.ts";

const settings = ".claude/settings.json";

test("a file that is just being written in place is waited for by every command, and is no fault", async () => {
  using fake = fakeContext();
  const file = fake.home.write(settings, "");
  const whole = '{"model":"opus"}';
  const at = (text: string) => ({
    ...fake.files,
    // Half of it at the first look of each command, and whole at the next.
    readText: async (path: string) => {
      if (path !== file) return await fake.files.readText(path);
      const seen = await fake.files.readText(path);
      fake.home.write(settings, text);
      return seen;
    },
  });
  for (const words of [["repair", "--dry-run"], ["list"], ["uninstall"], ["repair"]]) {
    fake.home.write(settings, whole.slice(0, 9));
    const ctx = { ...fake, paths: fake.paths, files: at(whole) };
    expect([words, await main(["config", "hooks", ...words], ctx)]).toEqual([words, 0]);
  }
});

test("a file that is no UTF-8 is refused, and its bytes stay", async () => {
  using ctx = fakeContext();
  const file = ctx.home.write(settings, "");
  const latin1 = Buffer.from('{"note":"gr\u00fc\u00df"}', "latin1");
  writeFileSync(file, latin1);
  for (const dryRun of [true, false]) {
    const error = await installHooks(ctx, { dryRun }).catch((caught: unknown) => caught);
    expect(String(error)).toContain("no UTF-8");
  }
  expect(readFileSync(file).equals(latin1)).toBe(true);
  expect(readdirSync(ctx.home.at(".claude"))).toEqual(["settings.json"]);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s while a program has the file open loses none of its words, and leaves nothing beside it",
  async (signal) => {
    using home = tempHome();
    const file = home.write(settings, '{"model":"opus"}');
    const writer = openSync(file, "r+");
    const argv = [process.execPath, `${import.meta.dir}/../../src/main.ts`, "config", "hooks"];
    const env = { HOME: home.path, PATH: process.env["PATH"] };
    const child = Bun.spawn([...argv, "repair"], { env, stderr: "ignore" });
    await eventually(() => home.read(settings).includes("hooks"));
    child.kill(signal);
    await child.exited;
    writeSync(writer, '{"model":"opus","theirs":1}', 0);
    closeSync(writer);
    expect(child.signalCode).toBe(signal);
    expect(home.read(settings)).toBe('{"model":"opus","theirs":1}');
    expect(readdirSync(home.at(".claude")).toSorted()).toEqual([
      "hooks-config.json",
      "settings.json",
    ]);
  },
);

test("an installation waits for a mosaic that is switching a hook, and keeps what it has switched", async () => {
  using fake = fakeContext();
  await installHooks(fake, { dryRun: false });
  await uninstallHooks(fake, { dryRun: false });
  const config = ".claude/hooks-config.json";
  const before = fake.home.read(config);
  const lock = await fake.files.tryLock(fake.home.at(".local/state/mosaic/claude-settings.lock"));
  const asked = Promise.withResolvers<void>();
  const tryLock = async (path: string) => {
    asked.resolve();
    return await fake.files.tryLock(path);
  };
  const ctx = { ...fake, clock, paths: fake.paths, files: { ...fake.files, tryLock } };
  const installed = installHooks(ctx, { dryRun: false });
  await asked.promise;
  fake.home.write(config, before.replace('"enabled": true', '"enabled": false'));
  lock?.[Symbol.dispose]();
  await installed;
  const { installed: isInstalled, hooks } = JSON.parse(fake.home.read(config));
  expect([isInstalled, hooks[0].enabled]).toEqual([undefined, false]);
});

test.each(["", " \n", "{}\n"])(
  "what was %j before the hooks is that again behind them",
  async (before) => {
    using fake = fakeContext();
    const ctx = { ...fake, paths: fake.paths, clock };
    fake.home.write(settings, before);
    expect(await main(["config", "hooks", "repair"], ctx)).toBe(0);
    expect(await main(["config", "hooks", "uninstall"], ctx)).toBe(0);
    expect(fake.home.read(settings)).toBe(before);
  },
);

test("a copy that is torn keeps nobody from uninstalling, nor does a damaged hooks-config.json", async () => {
  using ctx = fakeContext();
  ctx.home.write(settings, '{"model":"opus"}');
  await installHooks(ctx, { dryRun: false });
  const folder = ".local/state/mosaic/backups";
  const [backups = ""] = readdirSync(ctx.home.at(folder));
  for (const name of readdirSync(ctx.home.at(`${folder}/${backups}`))) {
    ctx.home.write(`${folder}/${backups}/${name}`, '{"mod');
  }
  ctx.home.write(".claude/hooks-config.json", "{");
  expect(await uninstallHooks(ctx, { dryRun: false })).toBe(0);
  expect(ctx.home.read(settings)).not.toContain("hook run");
  expect(ctx.stderr).toContain("left as it is");
  expect(ctx.home.read(".claude/hooks-config.json")).toBe("{");
});

test.each(["[]", '{"hooks":[]}', '{"hooks":null}', '{"hooks":{"Stop":"x"}}'])(
  "%s takes no hook, and nothing is left beside it",
  async (text) => {
    using ctx = fakeContext();
    ctx.home.write(settings, text);
    expect(await main(["config", "hooks", "repair"], ctx)).toBe(4);
    expect(readdirSync(ctx.home.at(".claude"))).toEqual(["settings.json"]);
  },
);

test("a damaged hooks-config.json is refused with a way out, and it is one", async () => {
  using ctx = fakeContext();
  const config = ctx.home.write(".claude/hooks-config.json", "{");
  expect(await main(["config", "hooks", "disable", "state"], ctx)).toBe(4);
  expect(ctx.stderr).toContain(`mv '${config}' '${config}.old'; mosaic config hooks repair`);
  renameSync(config, `${config}.old`);
  expect(await main(["config", "hooks", "repair"], ctx)).toBe(0);
});

test("where settings.json cannot be read an uninstallation ends the hooks all the same", async () => {
  using ctx = fakeContext();
  await installHooks(ctx, { dryRun: false });
  ctx.home.write(settings, "{ bad");
  const before = ctx.home.read(".claude/hooks-config.json");
  expect(await main(["config", "hooks", "uninstall", "--dry-run"], ctx)).toBe(4);
  expect(ctx.home.read(".claude/hooks-config.json")).toBe(before);
  expect(await main(["config", "hooks", "uninstall"], ctx)).toBe(4);
  expect(JSON.parse(ctx.home.read(".claude/hooks-config.json"))).toMatchObject({
    installed: false,
  });
  expect(ctx.home.read(settings)).toBe("{ bad");
});
