// A breaker that is killed while it ends a command that will not end by itself. In a file of its own, because it takes as
// long as such a command is given, twice.
import { expect, test } from "bun:test";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { lockSite, recordOf } from "../support/lock-site.ts";
import { breakerAt, scenarios } from "../support/lock-scenarios.ts";
import { isRunning } from "../support/processes.ts";
import { someProcess } from "../support/some-process.ts";

const timeoutMs = 60_000;

test.concurrent.each(["before", "after"] as const)(
  "a breaker that is killed %s it sends SIGKILL to a stubborn command leaves the next one to end it",
  async (moment) => {
    using site = lockSite();
    await using stack = new AsyncDisposableStack();
    const { pid, startTicks } = stack.use(
      await someProcess(["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]),
    );
    const owner = stack.use(await someProcess());
    const children = [{ pid, startTicks, isSupervised: false }];
    site.leave("demo", await recordOf(site, owner.pid, { children }));
    const breaker = await breakerAt(scenarios.break, { site, stack });
    const step = "send SIGKILL to a group";
    const plan = { kind: "signal", signal: "SIGKILL", moment, step } as const;
    await breaker.ask({ do: "plan", plan }, "planned");
    breaker.send(scenarios.break.command);
    expect(await breaker.exited).toBe(137);
    expect(isRunning(pid)).toBe(moment === "before");
    const held = await acquireLock(site.ctx, "demo", { purpose: "a test", timeoutMs: 10_000 });
    expect(isRunning(pid)).toBe(false);
    await held.release();
    expect(site.left()).toEqual([]);
  },
  timeoutMs,
);
