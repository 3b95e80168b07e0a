// A command that outlives the owner of its lock counts as the owner: nobody gets in until it has ended by itself, or a
// breaker has ended it; and nothing is signalled that is not known to be it.
import { expect, test } from "bun:test";
import { tokenVariable } from "../../src/lock/liveness.ts";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { startBreaker } from "../support/breaker.ts";
import { lockSite, type LockSite, readRecord, recordOf } from "../support/lock-site.ts";
import { isRunning } from "../support/processes.ts";
import { someProcess } from "../support/some-process.ts";

const timeoutMs = 20_000;
const acquire = { do: "acquire", name: "demo" } as const;
const purpose = "a test";

/** A lock whose owner is killed while its command runs; the command's pid. It lives until there is a file `end`. */
async function orphan(site: LockSite, stack: AsyncDisposableStack): Promise<number> {
  const owner = stack.use(await startBreaker(site));
  await owner.ask(acquire, "acquired");
  const script = "echo running; until [ -e end ]; do sleep 0.05; done; echo >ended";
  owner.send({ do: "run", argv: ["sh", "-c", script] });
  await owner.heard("line");
  process.kill(owner.pid, "SIGKILL");
  await owner.exited;
  return (await owner.heard("started")).pid;
}

test.concurrent(
  "when the owner is killed nobody gets in until its command has ended by itself",
  async () => {
    using site = lockSite();
    await using stack = new AsyncDisposableStack();
    const pid = await orphan(site, stack);
    const breaker = stack.use(await startBreaker(site));
    const dead = readRecord(site, "demo").owner.pid;
    expect(await breaker.ask(acquire, "waiting")).toEqual({
      event: "waiting",
      why: `the command of pid ${dead} (a breaker) lives on without it`,
    });
    expect(isRunning(pid)).toBe(true);
    site.write("end", "");
    const { takeover } = await breaker.heard("acquired");
    expect(takeover).toEqual({ reason: "dead", pid: dead });
    expect(await Bun.file(site.at("ended")).exists()).toBe(true);
    await breaker.ask({ do: "release" }, "released");
    expect(site.left()).toEqual([]);
  },
  timeoutMs,
);

test.concurrent.each([
  ["silence", { staleMs: 3_000 }, "silent"],
  ["max-wait", { maxWaitMs: 300 }, "max-wait"],
] as const)(
  "after %s the command of a dead owner is ended before anybody gets in",
  async (_word, patience, reason) => {
    using site = lockSite();
    await using stack = new AsyncDisposableStack();
    const pid = await orphan(site, stack);
    const held = await acquireLock(site.ctx, "demo", { purpose, ...patience });
    expect(isRunning(pid)).toBe(false);
    expect(held.takeover).toMatchObject({ reason });
    expect(await Bun.file(site.at("ended")).exists()).toBe(false);
    await held.release();
    expect(site.left()).toEqual([]);
  },
  timeoutMs,
);

test("a child of the command that is left alone in its group counts as the command, and is ended", async () => {
  using site = lockSite();
  await using owner = await startBreaker(site);
  await owner.ask(acquire, "acquired");
  owner.send({ do: "run", argv: ["sh", "-c", "sleep 60 & echo $!"] });
  const left = Number((await owner.heard("line")).line);
  const leader = (await owner.heard("started")).pid;
  await owner.heard("exited");
  process.kill(owner.pid, "SIGKILL");
  await owner.exited;
  expect([isRunning(leader), isRunning(left)]).toEqual([false, true]);

  const now = acquireLock(site.ctx, "demo", { purpose, timeoutMs: 0 });
  expect(await now.catch((error: unknown) => error)).toMatchObject({ exitCode: 75 });
  const held = await acquireLock(site.ctx, "demo", { purpose, maxWaitMs: 100 });
  expect(isRunning(left)).toBe(false);
  await held.release();
});

test("of a group without its leader only what has the lock's token is ended; another's is never signalled", async () => {
  using site = lockSite();
  // Two groups without their leaders: their numbers say nothing.
  const script = "sleep 60 & echo $! >member";
  const groups = ["token-of-the-lock", "another-token"].map(async (token) => {
    const folder = site.at(token);
    site.write(`${token}/made`, "");
    const leader = Bun.spawn(["sh", "-c", script], {
      cwd: folder,
      env: { PATH: "/usr/bin:/bin", [tokenVariable]: token },
      detached: true,
    });
    await leader.exited;
    return { leader: leader.pid, member: Number(site.read(`${token}/member`)) };
  });
  const [ours, others] = await Promise.all(groups);
  if (ours === undefined || others === undefined) throw new Error("two groups");
  const owner = await someProcess();
  const children = [ours, others].map(({ leader }) => ({
    pid: leader,
    startTicks: 1,
    isSupervised: false,
  }));
  site.leave("demo", await recordOf(site, owner.pid, { token: "token-of-the-lock", children }));
  await owner.kill();

  const held = await acquireLock(site.ctx, "demo", { purpose, maxWaitMs: 100 });
  const lives = [ours.member, others.member].map(isRunning);
  process.kill(others.member, "SIGKILL");
  expect(lives).toEqual([false, true]);
  await held.release();
});

test("a process that has got the pid of a command is neither waited for nor signalled", async () => {
  using site = lockSite();
  await using innocent = await someProcess(["sleep", "60"], { [tokenVariable]: "t" });
  const owner = await someProcess();
  const { pid, startTicks } = innocent;
  const children = [{ pid, startTicks: startTicks - 1, isSupervised: false }];
  site.leave("demo", await recordOf(site, owner.pid, { token: "t", children }));

  // Of a living owner too, that is condemned and whose commands are ended.
  process.kill(owner.pid, "SIGSTOP");
  const broken = await acquireLock(site.ctx, "demo", { purpose, maxWaitMs: 0 });
  expect(broken.takeover).toMatchObject({ reason: "max-wait" });
  await broken.release();
  site.leave("demo", await recordOf(site, owner.pid, { token: "t", children }));
  await owner.kill();
  const taken = await acquireLock(site.ctx, "demo", { purpose, timeoutMs: 0 });
  expect(taken.takeover).toMatchObject({ reason: "dead" });
  await taken.release();
  expect(isRunning(pid)).toBe(true);
});

test("a record that names init, everybody or its reader's own group as a command is not acted upon", async () => {
  using site = lockSite();
  const owner = await someProcess();
  const plain = await recordOf(site, owner.pid);
  await owner.kill();
  const results = [0, 1, -1, 1.5].map(async (pid) => {
    const name = `demo-${String(pid).replace(/\W/, "x")}`;
    const children = [{ pid, startTicks: 1, isSupervised: false }];
    site.leave(name, { ...plain, children });
    const options = { purpose, maxWaitMs: 0, timeoutMs: 0 };
    return await acquireLock(site.ctx, name, options).catch((error: unknown) => error);
  });
  const unreadable = { message: expect.stringContaining("its file cannot be read"), exitCode: 75 };
  expect(await Promise.all(results)).toMatchObject(results.map(() => unreadable));
});
