import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import type { Context } from "../../src/context.ts";
import { lockFiles } from "../../src/domain/names.ts";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { main } from "../../src/main.ts";
import { eventually } from "../support/eventually.ts";
import { fakeContext, type FakeContextOptions } from "../support/fake-context.ts";
import { fakeIdentity } from "../support/fake-processes.ts";

const purpose = "a test";
const self = { pid: fakeIdentity.pid, startTicks: fakeIdentity.startTicks };
const run = (ctx: Context, ...words: string[]) => main(["lock", "run", ...words], ctx);

/** One that lives, as others see it. */
function livingContext(options: FakeContextOptions = {}) {
  return fakeContext({ processes: [{ ...self }], ...options });
}

function lockPath(ctx: Context): string {
  return lockFiles(ctx.paths).lock("demo");
}

test.each([
  ["is the command's", { exitCode: 7 }, 7],
  ["is 0 as the command's", {}, 0],
  ["is 128 + n for a signal", { signal: "SIGTERM" }, 143],
])("the exit status %s", async (_what, end, status) => {
  using ctx = livingContext();
  const child = ctx.expectSpawn(["rotate", "--now"]);
  const ended = run(ctx, "demo", "--", "rotate", "--now");
  child.exit(end);
  expect(await ended).toBe(status);
  expect(existsSync(lockPath(ctx))).toBe(false);
  expect([ctx.stdout, ctx.stderr]).toEqual(["", ""]);
  ctx.done();
});

test("the command is started behind the lock's gate, in our environment, with the token of the lock", async () => {
  using ctx = livingContext({ env: { OURS: "too" } });
  const child = ctx.expectSpawn(["true"]);
  const ended = run(ctx, "demo", "--", "true");
  child.exit();
  await ended;
  expect(child.options).toMatchObject({
    terminal: "all",
    gate: expect.any(Function),
    env: { OURS: "too", HOME: ctx.home.path, MOSAIC_LOCK_TOKEN: expect.any(String) },
  });
});

test("--json prints one document, and what the command prints goes to standard error", async () => {
  using ctx = livingContext();
  const child = ctx.expectSpawn(["false"]);
  const ended = run(ctx, "demo", "--json", "--", "false");
  child.exit({ signal: "SIGKILL" });
  expect(await ended).toBe(137);
  expect(child.options?.terminal).toBe("stderr");
  expect(JSON.parse(ctx.stdout)).toEqual({
    schemaVersion: 1,
    name: "demo",
    exitCode: 137,
    signal: "SIGKILL",
    lost: false,
    waitedMs: 0,
    heldMs: 0,
  });
});

test("with --timeout 0 a lock that is held is exit 75 at once, and says by whom", async () => {
  using ctx = livingContext();
  await using held = await acquireLock(ctx, "demo", { purpose });
  expect(held.takeover).toBeUndefined();
  expect(await run(ctx, "demo", "--timeout", "0", "--", "true")).toBe(75);
  expect(ctx.stderr).toBe(
    "mosaic: the lock demo is busy: pid 4242 holds it (a test)\n  hint: mosaic lock status\n",
  );
  expect(ctx.stdout).toBe("");
  ctx.done();
});

test("who waits says once for whom", async () => {
  using ctx = livingContext();
  await using held = await acquireLock(ctx, "demo", { purpose });
  expect(held.takeover).toBeUndefined();
  expect(await run(ctx, "demo", "--timeout", "3s", "--", "true")).toBe(75);
  expect(ctx.stderr).toStartWith(
    "mosaic: waiting for the lock demo: pid 4242 holds it (a test)\nmosaic: the lock demo is busy",
  );
});

test("under the token of the same lock it runs at once, and leaves the lock to its owner", async () => {
  using ctx = livingContext();
  await using held = await acquireLock(ctx, "demo", { purpose });
  expect(held.takeover).toBeUndefined();
  const child = ctx.expectSpawn(["true"]);
  const ended = run({ ...ctx, env: { ...ctx.env, ...held.env } }, "demo", "--", "true");
  child.exit();
  expect(await ended).toBe(0);
  expect(await held.check()).toBe(true);
});

test("a lock that was taken over while the command ran is said to be", async () => {
  using ctx = livingContext();
  const child = ctx.expectSpawn(["true"]);
  const ended = run(ctx, "demo", "--json", "--", "true");
  await eventually(() => child.argv);
  await ctx.files.remove(lockPath(ctx));
  child.exit({ signal: "SIGTERM" });
  expect(await ended).toBe(143);
  expect(ctx.stderr).toContain("mosaic: the lock demo was lost before the command had ended\n");
  expect(JSON.parse(ctx.stdout)).toMatchObject({ lost: true });
});

test("a lock that is taken over from the dead is said to be", async () => {
  using ctx = fakeContext();
  // Nobody of this pid is in the table.
  await using dead = await acquireLock(ctx, "demo", { purpose });
  const child = ctx.expectSpawn(["true"]);
  const ended = run(ctx, "demo", "--", "true");
  child.exit();
  expect(await ended).toBe(0);
  expect(ctx.stderr).toBe("mosaic: took the lock demo over from pid 4242, which is dead\n");
  expect(await dead.check()).toBe(false);
});

test("an interrupt ends the wait with 130, SIGTERM with 143, and no command runs", async () => {
  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    using ctx = livingContext();
    await using held = await acquireLock(ctx, "demo", { purpose });
    expect(held.takeover).toBeUndefined();
    ctx.raise(signal);
    expect(await run(ctx, "demo", "--", "true")).toBe(status);
    expect(ctx.stderr).toContain("mosaic: interrupted while waiting for the lock demo\n");
    ctx.done();
  }
});

test("an interrupt that comes before the lock is had, though nobody has it, runs no command", async () => {
  using ctx = livingContext();
  ctx.raise("SIGINT");
  expect(await run(ctx, "demo", "--", "true")).toBe(130);
  expect(existsSync(lockPath(ctx))).toBe(false);
  ctx.done();
});

test.each([
  [["Demo", "--", "true"], `not a lock's name: "Demo"`],
  [["../demo", "--", "true"], `not a lock's name: "../demo"`],
  [["registry.mutex", "--", "true"], `not a lock's name: "registry.mutex"`],
  [["demo", "--stale", "2s", "--", "true"], `--stale takes a duration from 3s up`],
  [["demo", "--max-wait", "-1s", "--", "true"], "--max-wait"],
  [["demo", "--timeout", "soon", "--", "true"], `--timeout takes a duration from 0 up`],
  [["demo"], "CMD"],
  [[], "NAME"],
])("lock run %j is wrong usage, exit 2", async (words, message) => {
  using ctx = livingContext();
  expect(await run(ctx, ...words)).toBe(2);
  expect(ctx.stderr).toContain(message);
  ctx.done();
});
