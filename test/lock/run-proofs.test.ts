import { beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { lockSite, type LockSite } from "../support/lock-site.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";

// What a hostile reviewer and a new user have proven to go wrong once.

let mosaic = "";

beforeAll(async () => {
  mosaic = await mosaicBinary();
}, 120_000);

const timeoutMs = 20_000;

function envOf(site: LockSite): Record<string, string> {
  return { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", HOME: site.path, MOSAIC_STATE: site.at("state") };
}

function run(site: LockSite, ...argv: string[]): Promise<CommandResult> {
  return runCommand(argv, { env: envOf(site), cwd: site.path });
}

function logOf(site: LockSite): string {
  try {
    return readFileSync(site.at("log"), "utf8");
  } catch {
    return ""; // Nothing has written yet.
  }
}

test(
  "what a command leaves in the background of its group keeps the lock",
  async () => {
    using site = lockSite();
    const script = 'sh -c "read -r _ <go; echo left >>log" & echo up >>log';
    await run(site, "mkfifo", "go");
    const first = run(site, mosaic, "lock", "run", "demo", "--", "sh", "-c", script);
    await eventually(() => logOf(site) === "up\n");
    const busy = await run(site, mosaic, "lock", "run", "demo", "--timeout", "0", "--", "true");
    expect(busy.exitCode).toBe(75);
    await run(site, "sh", "-c", "echo >go");
    expect((await first).exitCode).toBe(0);
    expect(logOf(site)).toBe("up\nleft\n");
  },
  timeoutMs,
);

test(
  "a lock is known through another one in between",
  async () => {
    using site = lockSite();
    const inner = [mosaic, "lock", "run", "a", "--timeout", "0", "--", "echo", "in"];
    const words = ["lock", "run", "a", "--", mosaic, "lock", "run", "b", "--", ...inner];
    expect(await run(site, mosaic, ...words)).toMatchObject({ exitCode: 0, stdout: "in\n" });
  },
  timeoutMs,
);

test.each([
  ["a forgotten name", ["--", "touch", "made"]],
  ["no separator", ["demo", "touch", "made"]],
])(
  "%s runs nothing",
  async (_what, words) => {
    using site = lockSite();
    const done = await run(site, mosaic, "lock", "run", ...words);
    expect([done.exitCode, done.stdout]).toEqual([2, ""]);
    expect((await run(site, "ls")).stdout).not.toContain("made");
  },
  timeoutMs,
);

test(
  "a command that ends well because its lock was taken is no success",
  async () => {
    using site = lockSite();
    const script = "trap 'exit 0' TERM; echo up >>log; while :; do sleep 0.05; done";
    const loser = run(site, mosaic, "lock", "run", "demo", "--", "sh", "-c", script);
    await eventually(() => logOf(site) === "up\n");
    const winner = await run(site, mosaic, "lock", "run", "demo", "--max-wait", "0", "--", "true");
    expect([winner.exitCode, (await loser).exitCode]).toEqual([0, 75]);
  },
  timeoutMs,
);

test(
  "a breaker that cannot see the holder's processes waits until the holder has ended them",
  async () => {
    using site = lockSite();
    const write = "echo $0 >>log; sleep 0.02";
    const forever = `while :; do ${write}; done`;
    const loser = run(site, mosaic, "lock", "run", "demo", "--", "sh", "-c", forever, "old");
    await eventually(() => logOf(site).includes("old"));
    const apart = ["unshare", "--pid", "--fork", "--mount-proc"];
    const words = ["lock", "run", "demo", "--max-wait", "0", "--"];
    const winner = await run(
      site,
      ...apart,
      mosaic,
      ...words,
      "sh",
      "-c",
      `for i in 1 2 3 4 5; do ${write}; done`,
      "new",
    );
    expect(winner.exitCode).toBe(0);
    expect((await loser).exitCode).toBe(143);
    expect(logOf(site)).toMatch(/^(old\n)+(new\n){5}$/);
  },
  timeoutMs,
);
