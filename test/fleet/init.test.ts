// fleet init: what it prints, writes, refuses and keeps.
import { expect, test } from "bun:test";
import { existsSync, lstatSync, readdirSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { AppError } from "../../src/errors.ts";
import { initFleet, listProfiles } from "../../src/fleet/init.ts";
import { failingFiles } from "../support/failing-files.ts";
import { fakeContext, type FakeContext } from "../support/fake-context.ts";

const file = ".config/mosaic/fleet/roster.yaml";
const assets = {
  "fleet/examples/minimal.yaml": "version: 1 # minimal\n",
  "fleet/examples/demo.yaml": "version: 1 # demo\n",
  "fleet/tmux.conf": "# shipped\n",
};

function context(): FakeContext {
  const ctx = fakeContext({ assets });
  ctx.clock.now = () => Date.parse("2026-01-31T23:59:59Z");
  return ctx;
}

async function refusal(
  ctx: FakeContext,
  options: { profile: string; write: boolean; force: boolean },
) {
  const error: unknown = await initFleet(ctx, options).catch((caught: unknown) => caught);
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, got ${String(error)}`);
  return { message: error.message, hint: error.hint, exitCode: error.exitCode };
}

test("without --write the roster is printed and nothing is touched", async () => {
  using ctx = context();
  expect(await initFleet(ctx, { profile: "demo", write: false, force: false })).toBe(0);
  expect(ctx.stdout).toBe("version: 1 # demo\n");
  expect(ctx.stderr).toBe(
    `nothing was written; to write it to ${ctx.home.at(file)}:\n  mosaic fleet init --profile demo --write\n`,
  );
  expect(readdirSync(ctx.home.path)).toEqual([]);
});

test("with --write the framework and a private roster are there, and the next step is named", async () => {
  using ctx = context();
  expect(await initFleet(ctx, { profile: "minimal", write: true, force: false })).toBe(0);
  expect(ctx.stdout).toBe("");
  expect(ctx.home.read(file)).toBe("version: 1 # minimal\n");
  expect(statSync(ctx.home.at(file)).mode & 0o777).toBe(0o600);
  expect(ctx.home.read(".config/mosaic/fleet/tmux.conf")).toBe("# shipped\n");
  expect(ctx.stderr).toBe(
    [
      `wrote the tools: 3 files below ${ctx.paths.config}`,
      `wrote ${ctx.home.at(file)} (profile minimal)`,
      "next:",
      "  mosaic fleet install-systemd   # leave it out where there is no systemd user manager",
      "  mosaic fleet start",
      "  mosaic fleet verify",
      "",
    ].join("\n"),
  );
});

test("the same roster again is success", async () => {
  using ctx = context();
  await initFleet(ctx, { profile: "minimal", write: true, force: false });
  expect(await initFleet(ctx, { profile: "minimal", write: true, force: false })).toBe(0);
  expect(ctx.stderr).toContain(`the roster is there already: ${ctx.home.at(file)}\n`);
  expect(await initFleet(ctx, { profile: "minimal", write: true, force: true })).toBe(0);
  expect(readdirSync(ctx.home.at(".config/mosaic/fleet")).toSorted()).toEqual([
    "examples",
    "roster.yaml",
    "tmux.conf",
  ]);
});

test("another roster is refused, and nothing at all is written", async () => {
  using ctx = context();
  ctx.home.write(file, "mine\n");
  expect(await refusal(ctx, { profile: "demo", write: true, force: false })).toEqual({
    message: `a roster is there already and differs from the profile demo: ${ctx.home.at(file)}`,
    hint: "to replace it and keep a backup: mosaic fleet init --profile demo --write --force",
    exitCode: 4,
  });
  expect(ctx.home.read(file)).toBe("mine\n");
  expect(readdirSync(ctx.home.at(".config/mosaic"))).toEqual(["fleet"]);
});

test("--force replaces roster and edited tools, each with a backup", async () => {
  using ctx = context();
  const old = ctx.home.write(file, "mine\n");
  const conf = ctx.home.write(".config/mosaic/fleet/tmux.conf", "# mine\n");
  await initFleet(ctx, { profile: "demo", write: true, force: true });
  const suffix = ".bak-20260131T235959Z";
  expect(ctx.home.read(`${file}${suffix}`)).toBe("mine\n");
  expect(ctx.home.read(`.config/mosaic/fleet/tmux.conf${suffix}`)).toBe("# mine\n");
  expect(ctx.home.read(file)).toBe("version: 1 # demo\n");
  expect(ctx.stderr).toContain(`kept your edited file: ${conf}${suffix}\n`);
  expect(ctx.stderr).toContain(`kept the old roster: ${old}${suffix}\n`);
});

test("--force moves a roster's link away and leaves alone what it points to", async () => {
  using ctx = context();
  const target = ctx.home.write("dotfiles/roster.yaml", "mine\n");
  ctx.home.write(".config/mosaic/fleet/x", "");
  symlinkSync(target, ctx.home.at(file));
  await initFleet(ctx, { profile: "demo", write: true, force: true });
  expect(lstatSync(ctx.home.at(file)).isFile()).toBe(true);
  expect(readlinkSync(ctx.home.at(`${file}.bak-20260131T235959Z`))).toBe(target);
  expect(ctx.home.read("dotfiles/roster.yaml")).toBe("mine\n");
});

test("an edited tool is kept and named without --force", async () => {
  using ctx = context();
  const conf = ctx.home.write(".config/mosaic/fleet/tmux.conf", "# mine\n");
  await initFleet(ctx, { profile: "demo", write: true, force: false });
  expect(ctx.home.read(".config/mosaic/fleet/tmux.conf")).toBe("# mine\n");
  expect(ctx.stderr).toContain(
    `kept your edited file: ${conf} (--force replaces it, with a backup)\n`,
  );
});

test("an unknown profile is a usage error that lists the profiles", async () => {
  using ctx = context();
  const options = { write: true, force: false };
  expect(await refusal(ctx, { profile: "minmal", ...options })).toEqual({
    message: 'there is no profile "minmal"; profiles: demo, minimal',
    hint: "did you mean minimal?",
    exitCode: 2,
  });
  expect(await refusal(ctx, { profile: "../tmux", ...options })).toMatchObject({
    hint: undefined,
    exitCode: 2,
  });
  expect(existsSync(ctx.paths.config)).toBe(false);
});

test("a roster is whole or not there, and the old one is never lost, whatever write fails", async () => {
  for (let failAt = 1; ; failAt++) {
    using ctx = context();
    ctx.home.write(file, "mine\n");
    const files = failingFiles(ctx.files, failAt);
    const done = await initFleet(
      { ...ctx, files },
      { profile: "demo", write: true, force: true },
    ).then(
      () => true,
      () => false,
    );
    if (done) return;
    expect(["mine\n", "version: 1 # demo\n"]).toContain(ctx.home.read(file));
    const names = readdirSync(ctx.home.at(".config/mosaic/fleet"));
    expect(
      names.some((name) => ctx.home.read(file) === "mine\n" || name.startsWith("roster.yaml.bak-")),
    ).toBe(true);
  }
});

test("the profiles of this repository", async () => {
  using ctx = fakeContext();
  expect(await listProfiles(ctx)).toEqual(["demo", "local-canary", "minimal"]);
});
