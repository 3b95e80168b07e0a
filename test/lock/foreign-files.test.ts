// Files that no healthy mosaic of this version has left: of a power cut, a person, or a later version.
import { expect, test } from "bun:test";
import { lutimesSync, mkdirSync, symlinkSync } from "node:fs";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { startBreaker } from "../support/breaker.ts";
import { lockSite, readRecord, recordOf } from "../support/lock-site.ts";
import { someProcess } from "../support/some-process.ts";

const purpose = "a test";
const anHourAgo = (): number => Date.now() - 3_600_000;

async function refusal(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.catch((error: unknown) => error);
}

const unreadable: [string, string][] = [
  ["empty", ""],
  ["garbage", "\0\0\0{"],
  ["JSON of another kind", "[1]"],
  ["without an owner", '{"format":1,"token":"t","children":[]}'],
];

test.each(unreadable)("an unreadable lock is not taken for a free one: %s", async (_what, text) => {
  using site = lockSite();
  site.leave("demo", text);
  const attempt = acquireLock(site.ctx, "demo", { purpose, timeoutMs: 0, maxWaitMs: 0 });
  expect(await refusal(attempt)).toMatchObject({
    message: "the lock demo is busy: its file cannot be read",
    exitCode: 75,
  });
  expect(await Bun.file(site.files.lock("demo")).text()).toBe(text);
});

test.concurrent.each(unreadable)(
  "an unreadable lock that nobody touches is taken after the stale time: %s",
  async (_what, text) => {
    using site = lockSite();
    site.leave("demo", text, anHourAgo());
    const held = await acquireLock(site.ctx, "demo", { purpose, staleMs: 3_000 });
    expect(held.takeover).toEqual({ reason: "unreadable", pid: undefined });
    await held.release();
    expect(site.left()).toEqual([]);
  },
);

test("a newer mosaic's lock that cannot be read is waited for, however old it is", async () => {
  using site = lockSite();
  site.leave("demo", '{"format":2,"holder":"by other means"}', anHourAgo());
  const options = { purpose, staleMs: 0, maxWaitMs: 0, timeoutMs: 100 };
  expect(await refusal(acquireLock(site.ctx, "demo", options))).toMatchObject({
    message: "the lock demo is busy: a newer mosaic holds it",
    exitCode: 75,
  });
});

test("a newer mosaic's lock whose owner can be read is taken when the owner is dead, and never broken", async () => {
  using site = lockSite();
  await using owner = await someProcess();
  const record = await recordOf(site, owner.pid, { format: 2 });
  site.leave("demo", record, anHourAgo());
  const options = { purpose, staleMs: 0, maxWaitMs: 0, timeoutMs: 100 };
  expect(await refusal(acquireLock(site.ctx, "demo", options))).toMatchObject({ exitCode: 75 });
  expect(readRecord(site, "demo")).toEqual(record);
  await owner.kill();
  const held = await acquireLock(site.ctx, "demo", options);
  expect(held.takeover).toEqual({ reason: "dead", pid: owner.pid });
  await held.release();
});

test("a folder at the lock's path is an error that names it", async () => {
  using site = lockSite();
  mkdirSync(site.files.lock("demo"), { recursive: true });
  expect(await refusal(acquireLock(site.ctx, "demo", { purpose }))).toMatchObject({
    name: "AppError",
    message: expect.stringContaining(site.files.lock("demo")),
    exitCode: 1,
  });
});

test("a folder at the mutex' path is an error that names it", async () => {
  using site = lockSite();
  mkdirSync(site.files.mutex, { recursive: true });
  site.ageMutex();
  expect(await refusal(acquireLock(site.ctx, "demo", { purpose }))).toMatchObject({
    name: "AppError",
    message: expect.stringContaining(site.files.mutex),
    exitCode: 1,
  });
});

test("a link that leads nowhere at the lock's path is replaced", async () => {
  using site = lockSite();
  site.left();
  symlinkSync("nowhere", site.files.lock("demo"));
  const held = await acquireLock(site.ctx, "demo", { purpose });
  expect(await held.release()).toBe("released");
  expect(site.left()).toEqual([]);
});

test.concurrent("a link that leads nowhere at the mutex' path is waited for, and then named", async () => {
  using site = lockSite();
  site.left();
  symlinkSync("nowhere", site.files.mutex);
  lutimesSync(site.files.mutex, 0, 0);
  // A process of its own: this one would never hear of the end of its time, if it went round and round.
  await using breaker = await startBreaker(site);
  expect(await breaker.ask({ do: "acquire", name: "demo" }, "refused")).toMatchObject({
    message: `the lock registry ${site.files.mutex} is kept`,
    exitCode: 75,
  });
}, 20_000);
