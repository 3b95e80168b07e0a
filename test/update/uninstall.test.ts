// `mosaic uninstall`: what it removes, what it keeps, and what it says of an executable that is somebody else's.
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import type { Context } from "../../src/context.ts";
import { pathMark, withoutOurLines } from "../../src/domain/startup-lines.ts";
import { installHooks } from "../../src/hooks/install.ts";
import { uninstall } from "../../src/update/uninstall.ts";
import { type FakeContext, fakeContext } from "../support/fake-context.ts";
import { rest } from "../support/fake-exec.ts";

const options = { purge: false, yes: true, dryRun: false };
const root = ".local/share/mosaic";

/** An installation as install.sh makes it, with things of the site's, and things of nobody's. */
function installed(): { fake: FakeContext; ctx: Context } {
  const fake = fakeContext();
  const { home } = fake;
  const receipt = {
    schemaVersion: 1,
    installedBy: "install.sh",
    baseUrl: "https://example.test",
    link: home.at(".local/bin/mosaic"),
    pathFiles: [home.at(".profile"), home.at(".config/fish/conf.d/mosaic.fish")],
  };
  home.write(`${root}/versions/0.1.0/mosaic`, "", 0o755);
  home.write(`${root}/receipt.json`, JSON.stringify(receipt));
  home.write(`${root}/gateway.db`, "");
  symlinkSync("versions/0.1.0/mosaic", home.at(`${root}/mosaic`));
  mkdirSync(home.at(".local/bin"), { recursive: true });
  symlinkSync(home.at(`${root}/mosaic`), home.at(".local/bin/mosaic"));
  home.write(".profile", `# mine\nPATH=x ${pathMark}\nexport MINE=1\n`, 0o640);
  home.write(".bashrc", "source <(mosaic completions bash)\n# my mosaic notes\n");
  home.write(".config/mosaic/fleet/roster.yaml", "version: 1\nagents: []\n");
  home.write(".config/mosaic/config.yaml", "");
  home.write(".config/mosaic/notes.txt", "mine");
  home.write(".local/state/mosaic/locks/registry.mutex", "");
  const executable = home.at(`${root}/mosaic`);
  const paths = { ...fake.paths, executable, self: [executable] };
  return { fake, ctx: { ...fake, io: fake.io, paths } };
}

/** No tmux server and no user manager. */
function quiet(fake: FakeContext): void {
  fake.allowExec(["tmux", rest], { exitCode: 1 });
  fake.allowExec(["systemctl", rest], { exitCode: 1, stderr: "Failed to connect to bus" });
}

test("dry run: tells everything, and touches nothing", async () => {
  using stack = new DisposableStack();
  const { fake, ctx } = installed();
  stack.use(fake);
  quiet(fake);
  expect(await uninstall(ctx, { ...options, purge: true, dryRun: true })).toBe(0);
  const at = (path: string) => fake.home.at(path);
  for (const path of [
    `our lines in ${at(".profile")}`,
    `our lines in ${at(".bashrc")}`,
    at(".local/bin/mosaic"),
    at(`${root}/versions`),
    at(`${root}/receipt.json`),
    at(`${root}/mosaic`),
    at(`${root}/gateway.db`),
    at(".config/mosaic/config.yaml"),
  ]) {
    expect(fake.stdout).toContain(`would remove  ${path}\n`);
  }
  expect(fake.stdout).not.toContain("notes.txt");
  expect(existsSync(at(`${root}/versions/0.1.0/mosaic`))).toBe(true);
  expect(fake.home.read(".profile")).toContain(pathMark);
});

test("keeps what is the site's, and every line that is not ours", async () => {
  using stack = new DisposableStack();
  const { fake, ctx } = installed();
  stack.use(fake);
  quiet(fake);
  const settings = '{ "model": "opus", "hooks": {} }\n';
  fake.home.write(".claude/settings.json", settings);
  await installHooks(ctx, { dryRun: false });
  expect(fake.home.read(".claude/settings.json")).toContain("hook run");
  await uninstall(ctx, options);
  expect(fake.home.read(".claude/settings.json")).toBe(settings);
  const { home } = fake;
  expect(home.read(".profile")).toBe("# mine\nexport MINE=1\n");
  expect(home.read(".bashrc")).toBe("# my mosaic notes\n");
  expect(
    [".local/bin/mosaic", `${root}/mosaic`, `${root}/versions`].map((path) =>
      existsSync(home.at(path)),
    ),
  ).toEqual([false, false, false]);
  for (const path of ["config.yaml", "fleet/roster.yaml", "notes.txt"]) {
    expect(existsSync(home.at(`.config/mosaic/${path}`))).toBe(true);
  }
  expect(existsSync(home.at(`${root}/gateway.db`))).toBe(true);
});

test("--purge removes ours by name, and a file of nobody's stays", async () => {
  using stack = new DisposableStack();
  const { fake, ctx } = installed();
  stack.use(fake);
  quiet(fake);
  await uninstall(ctx, { ...options, purge: true });
  const { home } = fake;
  expect(existsSync(home.at(root))).toBe(false);
  expect(existsSync(home.at(".local/state/mosaic"))).toBe(false);
  expect(existsSync(home.at(".config/mosaic/fleet"))).toBe(false);
  expect(home.read(".config/mosaic/notes.txt")).toBe("mine");
});

test("without a terminal it needs --yes, and says what it would remove", async () => {
  using stack = new DisposableStack();
  const { fake, ctx } = installed();
  stack.use(fake);
  const refused = uninstall(ctx, { ...options, yes: false });
  expect(refused).rejects.toThrow("this removes mosaic and its fleet and needs --yes here");
  await refused.catch(() => undefined);
  expect(existsSync(fake.home.at(`${root}/mosaic`))).toBe(true);
});

test("an executable that install.sh did not put there is left to its owner", async () => {
  using fake = fakeContext();
  quiet(fake);
  expect(await uninstall(fake, options)).toBe(0);
  expect(fake.stderr).toContain("not ours to remove");
});

test.each([
  ["a\nb\n", undefined],
  [`a\nx ${pathMark}\nb`, "a\nb"],
  [". <(mosaic completions zsh)\n", ""],
  ["# source <(mosaic completions bash)\n", undefined],
])("lines of ours in %j", (text, left) => {
  expect(withoutOurLines(text)).toBe(left);
});

test("hooks that cannot be taken out keep nothing else from going, and are told at the end", async () => {
  using stack = new DisposableStack();
  const { fake, ctx } = installed();
  stack.use(fake);
  quiet(fake);
  fake.home.write(".claude/settings.json", "{ not JSON");
  const error = await uninstall(ctx, options).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    exitCode: 4,
    message: expect.stringContaining("settings.json:1:"),
  });
  expect(existsSync(fake.home.at(`${root}/mosaic`))).toBe(false);
  expect(fake.home.read(".claude/settings.json")).toBe("{ not JSON");
});

test("nothing is told as kept that was never there", async () => {
  using fake = fakeContext();
  quiet(fake);
  await uninstall(fake, options);
  expect(fake.stderr).not.toContain("kept");
  expect(fake.stderr).not.toContain("roster");
});

test.each([true, false])("each path is told once: dry run %p", async (dryRun) => {
  using stack = new DisposableStack();
  const { fake, ctx } = installed();
  stack.use(fake);
  quiet(fake);
  await uninstall(ctx, { purge: true, yes: true, dryRun });
  const lines = fake.stdout.split("\n");
  expect(lines.filter((line, at) => lines.indexOf(line) !== at)).toEqual([]);
  expect(fake.stdout).toContain("/.config/mosaic/fleet\n");
});
