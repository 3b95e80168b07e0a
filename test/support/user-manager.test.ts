// Proof of the private manager: several at once see only their own, limits really apply, nothing stays behind.
import { existsSync } from "node:fs";
import { expect, test } from "bun:test";
import { cgroupsNamed } from "./cgroup.ts";
import { eventually } from "./eventually.ts";
import { isRunning } from "./processes.ts";
import { startUserManager } from "./user-manager.ts";

test("two managers at once see only their own units", async () => {
  await using first = await startUserManager();
  await using second = await startUserManager();
  const sleeper = ["systemd-run", "--user", "--quiet", "--unit=only-first", "sleep", "1000"];
  expect(await first.run(sleeper)).toMatchObject({ exitCode: 0 });

  expect((await first.systemctl("is-active", "only-first")).stdout).toBe("active\n");
  expect((await second.systemctl("is-active", "only-first")).stdout).toBe("inactive\n");
  const pid = (await first.systemctl("show", "--value", "-p", "MainPID", "only-first")).stdout;
  expect(first.processes()).toContain(Number(pid));
  expect(second.processes()).toEqual([second.pid]);
});

test("the limits of a scope really apply", async () => {
  await using manager = await startUserManager();
  const scope = ["systemd-run", "--user", "--scope", "--quiet", "-p"];
  // tail keeps what it may have to print: 90 MB in a scope of 32 MB.
  const greedy = "head -c 100M /dev/zero | tail -c 90M | wc -c";
  const eaten = await manager.run([...scope, "MemoryMax=32M", "sh", "-c", greedy]);
  expect(eaten.stdout).toBe("0\n");
  const free = await manager.run([...scope, "MemoryMax=infinity", "sh", "-c", greedy]);
  expect(free.stdout).toBe(`${90 * 1024 ** 2}\n`);

  const nap = "sleep 1000 >/dev/null 2>&1 & ";
  const forks = `${nap.repeat(4)} echo all`;
  const refused = await manager.run([...scope, "TasksMax=4", "sh", "-c", forks]);
  expect(refused.stderr).toContain("Cannot fork");
  expect(refused.stdout).toBe("");
});

test("a manager's environment is clean, and its units inherit the private folders", async () => {
  await using manager = await startUserManager({ env: { EXTRA: "1" } });
  await manager.run(["systemd-run", "--user", "--quiet", "sh", "-c", "env; echo the end"]);
  const log = await eventually(() => manager.log().match(/[^]*the end/)?.[0] ?? "");
  const lines = log.split("\n");
  expect(lines).toContain(`HOME=${manager.home}`);
  expect(lines).toContain(`TMUX_TMPDIR=${manager.env.TMUX_TMPDIR}`);
  expect(lines).toContain("EXTRA=1");
  expect(lines.filter((line) => line.startsWith("npm_") || line.startsWith("BUN_"))).toEqual([]);
});

test("dispose leaves no process, folder or control group, whatever the units did", async () => {
  const manager = await startUserManager();
  const stubborn =
    "trap '' TERM HUP; setsid sh -c 'trap \"\" TERM HUP; echo below; sleep 1000' & wait";
  const service = ["-p", "KillMode=none", "-p", "TimeoutStopSec=1", "sh", "-c", stubborn];
  await manager.run(["systemd-run", "--user", "--quiet", ...service]);
  await eventually(() => manager.log().includes("below"));
  const pids = manager.processes();
  expect(pids.length).toBeGreaterThan(2);

  await manager[Symbol.asyncDispose]();
  const name = manager.home.split("mosaic-t-").at(-1)?.split("/")[0] ?? "";
  expect(pids.filter(isRunning)).toEqual([]);
  expect(existsSync(manager.home)).toBe(false);
  expect(cgroupsNamed((group) => group.endsWith(name))).toEqual([]);
}, 15_000);
