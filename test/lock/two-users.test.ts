// Two users of one folder: what one may not read or change is an error that names the file, and never a free lock.
import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { startBreaker } from "../support/breaker.ts";
import { lockSite, type LockSite } from "../support/lock-site.ts";

/** Nobody in particular, and no member of our groups. */
const asOther = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

const acquire = { do: "acquire", name: "demo" } as const;

/** A home whose locks' folder has this mode, with a lock that we hold. */
async function held(modes: { state: number; locks: number }) {
  const site: LockSite = lockSite();
  const lock = await acquireLock(site.ctx, "demo", { purpose: "a test" });
  chmodSync(site.path, 0o755);
  chmodSync(site.at("state"), modes.state);
  chmodSync(site.files.dir, modes.locks);
  return { site, lock };
}

test.each([
  ["the state folder is private", { state: 0o700, locks: 0o700 }, "stat"],
  ["the lock's file is private", { state: 0o755, locks: 0o755 }, "read"],
  ["everybody may write in the folder", { state: 0o755, locks: 0o777 }, "read"],
])("another user's lock is no free one: %s", async (_why, modes, verb) => {
  const { site, lock } = await held(modes);
  using stack = new DisposableStack();
  stack.use(site);
  await using other = await startBreaker(site, { through: asOther });
  const path = site.files.lock("demo");
  expect(await other.ask(acquire, "refused")).toEqual({
    event: "refused",
    message: `cannot ${verb} ${path}: permission denied`,
    exitCode: 1,
    hint: `ls -ld ${site.files.dir} ${path}`,
  });
  expect(await lock.release()).toBe("released");
});

test.each([
  ["create", "a folder that is another's", 0o755, async () => {}],
  [
    "open",
    "a mutex that is another's and old",
    0o777,
    async (site: LockSite) => site.leaveMutex("4711\n", 60_000),
  ],
])("what another user cannot %s is an error: %s", async (verb, _what, mode, prepare) => {
  const { site, lock } = await held({ state: 0o755, locks: mode });
  using stack = new DisposableStack();
  stack.use(site);
  await lock.release();
  await prepare(site);
  await using other = await startBreaker(site, { through: asOther });
  expect(await other.ask(acquire, "refused")).toEqual({
    event: "refused",
    message: `cannot ${verb} ${site.files.mutex}: permission denied`,
    exitCode: 1,
    hint: `ls -ld ${site.files.dir} ${site.files.mutex}`,
  });
});
