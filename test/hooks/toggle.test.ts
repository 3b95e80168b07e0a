// Switching hooks, through main() and on real files: what is switched back is as it was, to the byte.
import { expect, test } from "bun:test";
import { files } from "../../src/adapters/files.ts";
import { surveyHooks } from "../../src/hooks/verify.ts";
import { main } from "../../src/main.ts";
import { fakeContext } from "../support/fake-context.ts";
import type { TempHome } from "../support/temp-home.ts";

const settings = ".claude/settings.json";
const config = ".claude/hooks-config.json";

const foreign = `{
\t"model": "opus",
\t"hooks": {
\t\t"PostToolUse": [
\t\t\t{ "matcher": "Bash", "hooks": [ { "type": "command", "command": "echo one" }, { "type": "command", "command": "echo two" } ] },
\t\t\t{ "matcher": "Bash", "hooks": [ { "type": "command", "command": "echo one" } ] }
\t\t]
\t}
}
`;

/** Of the matcher Bash and the command `echo one`, which stands there twice. */
const one = "foreign-e225b251";

function site(text?: string) {
  const fake = fakeContext();
  if (text !== undefined) fake.home.write(settings, text);
  const ctx = { ...fake, paths: fake.paths, files };
  const hooks = async (...words: string[]) => {
    const from = fake.stderr.length;
    const exitCode = await main(["config", "hooks", ...words], ctx);
    return { exitCode, told: fake.stderr.slice(from).replaceAll(fake.home.path, "~") };
  };
  const { home } = fake;
  return { ctx, home, hooks, [Symbol.dispose]: () => fake[Symbol.dispose]() };
}

function bytes(home: TempHome): string[] {
  return [settings, config].map((path) => home.read(path));
}

function commandsAt(home: TempHome, event: string): string[] {
  const { hooks } = JSON.parse(home.read(settings));
  const groups: { hooks: { command: string }[] }[] = hooks[event] ?? [];
  return groups
    .flatMap((group) => group.hooks.map(({ command }) => command))
    .filter((command) => command.startsWith("echo"));
}

test("a foreign hook that stands there twice is off as a whole, and both come back", async () => {
  using it = site(foreign);
  await it.hooks("repair");
  const before = bytes(it.home);
  expect((await it.hooks("disable", one)).exitCode).toBe(0);
  expect(commandsAt(it.home, "PostToolUse")).toEqual(["echo two"]);
  await it.hooks("enable", one);
  expect(bytes(it.home)).toEqual(before);
});

test("an event that is switched on again leaves off what was off by itself, and says so", async () => {
  using it = site(foreign);
  await it.hooks("repair");
  const before = bytes(it.home);
  await it.hooks("disable", one);
  const alone = bytes(it.home);
  await it.hooks("disable", "PostToolUse");
  expect(commandsAt(it.home, "PostToolUse")).toEqual([]);
  const { told } = await it.hooks("enable", "PostToolUse");
  expect(told).toContain(`still off by themselves: ${one}`);
  expect(bytes(it.home)).toEqual(alone);
  await it.hooks("enable", one);
  expect(bytes(it.home)).toEqual(before);
});

test("what is so already is told as that, and a dry run changes nothing", async () => {
  using it = site(foreign);
  await it.hooks("repair");
  const before = bytes(it.home);
  expect(await it.hooks("disable", "PostToolUse", "--dry-run")).toEqual({
    exitCode: 0,
    told: expect.stringContaining("would disable the hooks of PostToolUse, 3 of them not mosaic's"),
  });
  expect(await it.hooks("enable", "secrets-guard", "--dry-run")).toEqual({
    exitCode: 0,
    told: "would enable secrets-guard\n",
  });
  expect(bytes(it.home)).toEqual(before);
  expect((await it.hooks("enable", "PreToolUse")).told).toContain("already enabled");
  expect((await it.hooks("disable", "session-log")).told).toBe("already disabled: session-log\n");
  await it.hooks("disable", one);
  expect((await it.hooks("disable", one)).told).toContain(`already disabled: ${one}`);
});

test("hooks that were uninstalled are wanted by nobody: not mended, not run, and there again when they are asked for", async () => {
  using it = site(foreign);
  await it.hooks("repair");
  await it.hooks("enable", "session-log");
  const before = it.home.read(config);
  await it.hooks("disable", one);
  const { told } = await it.hooks("uninstall");
  expect(told).toContain(`still off: ${one} (echo one); mosaic config hooks enable ${one}`);
  expect(await surveyHooks(it.ctx)).toEqual({ isInstalled: false, findings: [] });
  // A session that has read the old settings goes on calling us.
  await main(["hook", "run", "PreToolUse", "--claude"], it.ctx);
  expect(() => it.home.read(".local/state/mosaic/log/claude-sessions.jsonl")).toThrow("ENOENT");
  expect((await it.hooks("enable", one)).told).toContain("are not installed");
  // Behind the others, for the file has changed since it was cut out.
  expect(commandsAt(it.home, "PostToolUse")).toEqual(["echo two", "echo one", "echo one"]);
  await it.hooks("repair");
  expect(it.home.read(config)).toBe(before);
});

test("entries that a session writes back after an uninstallation are a problem that uninstalling mends", async () => {
  using it = site(foreign);
  await it.hooks("repair");
  const installed = it.home.read(settings);
  await it.hooks("uninstall");
  it.home.write(settings, installed);
  const { findings } = await surveyHooks(it.ctx);
  expect(findings).toMatchObject([{ kind: "problem", fix: "mosaic config hooks uninstall" }]);
  await it.hooks("uninstall");
  expect(await surveyHooks(it.ctx)).toEqual({ isInstalled: false, findings: [] });
  expect(it.home.read(settings)).toBe(foreign);
});
