import { expect, test } from "bun:test";
import { renameSync, rmSync, statSync } from "node:fs";
import { exec } from "../../src/adapters/exec.ts";
import { tryLock } from "../../src/adapters/flock.ts";
import { spawn } from "../../src/adapters/spawn.ts";
import { eventually } from "../support/eventually.ts";
import { tempHome } from "../support/temp-home.ts";

test("a lock is held by one until it is disposed; twice is fine", async () => {
  using home = tempHome();
  const path = home.at("locks/one");
  const first = await tryLock(path);
  expect(await tryLock(path)).toBeUndefined();
  first?.[Symbol.dispose]();
  using second = await tryLock(path);
  first?.[Symbol.dispose]();
  expect(second).toBeDefined();
  expect(await tryLock(path)).toBeUndefined();
});

test("the lock file is private and stays", async () => {
  using home = tempHome();
  const lock = await tryLock(home.at("locks/one"));
  lock?.[Symbol.dispose]();
  const modes = ["locks", "locks/one"].map((name) => statSync(home.at(name)).mode & 0o777);
  expect(modes).toEqual([0o700, 0o600]);
});

test("flock(1) of util-linux respects it", async () => {
  using home = tempHome();
  const attempt = () => exec(["flock", "--nonblock", home.at("lock"), "true"]);
  const lock = await tryLock(home.at("lock"));
  expect(await attempt()).toMatchObject({ exitCode: 1 });
  lock?.[Symbol.dispose]();
  expect(await attempt()).toMatchObject({ exitCode: 0 });
});

test("a child that is just being started does not hold it on", async () => {
  using home = tempHome();
  const isFree: boolean[] = [];
  for (let round = 0; round < 20; round++) {
    const lock = await tryLock(home.at("lock"));
    const child = spawn(["sleep", "60"], { env: { PATH: "/usr/bin:/bin" } });
    lock?.[Symbol.dispose]();
    using again = await tryLock(home.at("lock"));
    isFree.push(again !== undefined);
    child.kill("SIGKILL");
    await child.exited;
  }
  expect(isFree).toEqual(isFree.map(() => true));
});

test("a holder that is killed holds it no more", async () => {
  using home = tempHome();
  const script = `
    const { tryLock } = await import("${import.meta.dir}/../../src/adapters/flock.ts");
    globalThis.lock = await tryLock("${home.at("lock")}");
    process.stdout.write("held\\n");
    setInterval(() => {}, 1000);`;
  const lines: string[] = [];
  const holder = spawn([process.execPath, "-e", script], {
    env: { PATH: "/usr/bin:/bin", HOME: home.path },
    onLine: (line) => lines.push(line),
  });
  await eventually(() => lines.includes("held"));
  expect(await tryLock(home.at("lock"))).toBeUndefined();
  holder.kill("SIGKILL");
  await holder.exited;
  using lock = await tryLock(home.at("lock"));
  expect(lock).toBeDefined();
});

test.each([
  ["removed", (path: string) => rmSync(path)],
  ["renamed", (path: string) => renameSync(path, `${path}.old`)],
])("a lock file that was %s is made anew", async (_how, change) => {
  using home = tempHome();
  using first = await tryLock(home.at("lock"));
  change(home.at("lock"));
  using second = await tryLock(home.at("lock"));
  expect([first, second]).toEqual([expect.anything(), expect.anything()]);
});
