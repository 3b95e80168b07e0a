// Orphans of a container: by a written process table, and as the real pid 1 of a namespace.
import { expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import { reapOrphans } from "../../../src/supervisors/builtin/orphans.ts";
import { fakeContext } from "../../support/fake-context.ts";
import { runCommand } from "../../support/run-command.ts";

/** Longer than the pause between two looks. */
const lookMs = 6_000;

test("as pid 1 a zombie that stays is reaped; a living child and another's zombie are not", async () => {
  using ctx = fakeContext({
    host: { pid: 1 },
    clock: "manual",
    processes: [{ pid: 10, state: "Z" }, { pid: 11 }, { pid: 12, state: "Z", parentPid: 11 }],
  });
  const end = new AbortController();
  const reaping = reapOrphans(ctx, end.signal);
  await ctx.clock.advance(0);
  // Our own child, dead for a moment before the runtime takes it.
  ctx.processTable.push({ pid: 13, state: "Z" });
  expect(ctx.processTable.map(({ pid }) => pid)).toEqual([10, 11, 12, 13]);
  await ctx.clock.advance(lookMs);
  expect(ctx.processTable.map(({ pid }) => pid)).toEqual([11, 12, 13]);
  ctx.processTable.pop();
  await ctx.clock.advance(lookMs);
  expect(ctx.processTable.map(({ pid }) => pid)).toEqual([11, 12]);
  end.abort();
  await reaping;
});

test("a listing that fails is said once, and the next look goes on", async () => {
  using ctx = fakeContext({
    host: { pid: 1 },
    clock: "manual",
    processes: [{ pid: 10, state: "Z" }],
  });
  let faults = 3;
  const list = ctx.processes.list.bind(ctx.processes);
  ctx.processes.list = async () => {
    if (faults-- > 0) throw new AppError("cannot list /proc: too many open files");
    return await list();
  };
  const end = new AbortController();
  const reaping = reapOrphans(ctx, end.signal);
  for (let look = 0; look < 6; look++) await ctx.clock.advance(lookMs);
  expect(ctx.processTable).toEqual([]);
  expect(ctx.stderr).toBe("cannot look for dead orphans: cannot list /proc: too many open files\n");
  end.abort();
  await reaping;
});

test("anybody else leaves orphans to init", async () => {
  using ctx = fakeContext({ processes: [{ pid: 10, state: "Z", parentPid: 4242 }] });
  await reapOrphans(ctx, new AbortController().signal);
  expect(ctx.processTable).toHaveLength(1);
});

test("the kernel's own pid 1: Bun leaves an orphan as a zombie, we take it, and lose no child of ours", async () => {
  const script = `
    import { processes } from "${import.meta.dir}/../../../src/adapters/processes.ts";
    const zombies = async () => (await processes.list()).filter(({ state }) => state === "Z");
    await Bun.spawn(["sh", "-c", "sleep 0.1 & exit 0"]).exited;
    while ((await zombies()).length === 0) await Bun.sleep(10);
    const [orphan] = await zombies();
    const living = Bun.spawn(["sh", "-c", "read line; exit 7"], { stdin: "pipe" });
    const results = [await processes.reap(orphan.pid), await processes.reap(living.pid)];
    const left = (await zombies()).length;
    living.stdin.end();
    console.log(JSON.stringify({ pid: process.pid, results, left, code: await living.exited }));
  `;
  const namespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
  // Another user than root needs a namespace of users around it.
  if (process.getuid?.() !== 0) namespace.push("--user", "--map-root-user");
  const done = await runCommand([...namespace, process.execPath, "-e", script]);
  expect({ stdout: done.stdout.trim(), stderr: done.stderr }).toEqual({
    stdout: JSON.stringify({ pid: 1, results: [true, false], left: 0, code: 7 }),
    stderr: "",
  });
});
