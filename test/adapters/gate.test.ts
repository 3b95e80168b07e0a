// Children behind a gate: both ways to start one, `exec` and `spawn`, have to hold the same.
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { exec } from "../../src/adapters/exec.ts";
import { parseStat, processes } from "../../src/adapters/processes.ts";
import { spawn } from "../../src/adapters/spawn.ts";
import type { Gate } from "../../src/context.ts";
import { eventually } from "../support/eventually.ts";
import { isRunning } from "../support/processes.ts";
import { tempHome } from "../support/temp-home.ts";

const env = { PATH: "/usr/bin:/bin" };
const open: Gate = async () => {};
const refuse: Gate = async () => Promise.reject(new Error("no"));
/** Opens when the child has ended. */
const tooLate: Gate = async (pid) => void (await eventually(() => !isRunning(pid)));

interface Started {
  /** What it printed, line by line, and how it ended. */
  end: Promise<{ exitCode: number | null; signal: string | null; lines: string[] }>;
}

const ways: [string, (argv: readonly string[], gate: Gate) => Started][] = [
  [
    "exec",
    (argv, gate) => ({
      end: exec(argv, { env, gate }).then(({ exitCode, signal, stdout }) => {
        return { exitCode, signal, lines: stdout.split("\n").slice(0, -1) };
      }),
    }),
  ],
  [
    "spawn",
    (argv, gate) => {
      const lines: string[] = [];
      const child = spawn(argv, { env, gate, onLine: (line) => lines.push(line) });
      return { end: child.exited.then((end) => ({ ...end, lines })) };
    },
  ],
];

describe.each(ways)("with %s", (_way, start) => {
  test("nothing runs before the gate is open", async () => {
    using home = tempHome();
    const seen: unknown[] = [];
    const { end } = start(["touch", home.at("ran")], async (pid) => {
      // It waits, as the shell that it still is.
      await eventually(async () => (await processes.one(pid))?.state === "S");
      seen.push((await processes.one(pid))?.comm, existsSync(home.at("ran")));
    });
    expect(await end).toEqual({ exitCode: 0, signal: null, lines: [] });
    expect([seen, existsSync(home.at("ran"))]).toEqual([["sh", false], true]);
  });

  test("a gate that rejects lets nothing run, and its error comes back as it is", async () => {
    using home = tempHome();
    const refusal = new Error("not now");
    let pid = 0;
    const { end } = start(["touch", home.at("ran")], async (asked) => {
      pid = asked;
      throw refusal;
    });
    const error = await end.then(
      () => "it ran",
      (fault: unknown) => fault,
    );
    expect(error).toBe(refusal);
    await eventually(() => !isRunning(pid));
    expect(existsSync(home.at("ran"))).toBe(false);
  });

  test("the child leads a session and a group, and stays who it was", async () => {
    let before: unknown;
    let asked = 0;
    const { end } = start(["cat", "/proc/self/stat"], async (pid) => {
      asked = pid;
      before = await processes.one(pid);
    });
    const after = parseStat((await end).lines[0] ?? "");
    expect(after).toMatchObject({ pid: asked, sessionId: asked, groupId: asked, comm: "cat" });
    const { startTicks } = after ?? {};
    expect(before).toMatchObject({ pid: asked, sessionId: asked, groupId: asked, startTicks });
  });

  test("arguments arrive as they are, whatever the shell would make of them", async () => {
    const hostile = [
      "$(id)",
      "`id`",
      "a b",
      "'\"\\",
      ";&|",
      "*",
      "",
      "a\nb",
      "-x",
      "--",
      "$1",
      "ä😀",
    ];
    const { lines } = await start(["printf", "<%s>\\n", ...hostile], open).end;
    expect(lines.join("\n")).toBe(hostile.map((word) => `<${word}>`).join("\n"));
  });

  test.each([
    [["sh", "-c", "exit 7"], { exitCode: 7, signal: null }],
    [["sh", "-c", "kill -TERM $$"], { exitCode: null, signal: "SIGTERM" }],
    [["no-such-program-here"], { exitCode: 127, signal: null }],
    [["/etc/passwd"], { exitCode: 126, signal: null }],
  ])("%j ends as it does in a shell", async (argv, how) => {
    expect(await start(argv, open).end).toMatchObject(how);
  });

  test("file number 3 is closed in the program", async () => {
    const script = "[ ! -e /proc/$$/fd/3 ] && [ -e /proc/$$/fd/2 ]";
    expect(await start(["sh", "-c", script], open).end).toMatchObject({ exitCode: 0 });
  });

  test("a child that is killed before the gate is open ran nothing, and its end says so", async () => {
    using home = tempHome();
    const { end } = start(["touch", home.at("ran")], async (pid) => {
      process.kill(pid, "SIGKILL");
      await tooLate(pid);
    });
    expect(await end).toEqual({ exitCode: null, signal: "SIGKILL", lines: [] });
    expect(existsSync(home.at("ran"))).toBe(false);
  });

  test("fifty of them leave no file open", async () => {
    await start(["true"], open).end;
    const before = readdirSync("/proc/self/fd").length;
    for (let round = 0; round < 10; round++) {
      const gates = [open, open, open, open, refuse];
      await Promise.allSettled(gates.map((gate) => start(["true"], gate).end));
    }
    const isBack = () => readdirSync("/proc/self/fd").length <= before;
    await eventually(isBack, { what: "the files to be closed" });
  });
});

test("nothing runs when the starter is killed first, though another child of it lives on", async () => {
  using home = tempHome();
  const source = `${import.meta.dir}/../../src/adapters`;
  const script = `
    const { exec } = await import("${source}/exec.ts");
    const { spawn } = await import("${source}/spawn.ts");
    const env = { PATH: "/usr/bin:/bin" };
    await exec(["touch", "${home.at("ran")}"], { gate: async (pid) => {
      // Had it inherited our end of the gate, the child behind it would wait for ever.
      const other = spawn(["sleep", "60"], { env });
      await Bun.write("${home.at("pids")}", pid + " " + other.pid + "\\n");
      await new Promise(() => setInterval(() => {}, 1000));
    } });`;
  const starter = Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "ignore", 2] });
  const text = await eventually(() => home.read("pids"), { until: (seen) => seen.endsWith("\n") });
  const [gated = 0, other = 0] = text.split(" ").map(Number);
  expect([gated, other].map(isRunning)).toEqual([true, true]);
  starter.kill("SIGKILL");
  await starter.exited;
  await eventually(() => !isRunning(gated), { what: "the child behind the gate to end" });
  expect([isRunning(other), existsSync(home.at("ran"))]).toEqual([true, false]);
  process.kill(other, "SIGKILL");
});

test.each([
  ["text", "line\nä€\n"],
  ["a megabyte", new TextEncoder().encode("0123456789abcdef".repeat(65_536))],
])("stdin, %s, is the program's", async (_what, stdin) => {
  const { stdout } = await exec(["cat"], { stdin, gate: open });
  expect(stdout === (typeof stdin === "string" ? stdin : new TextDecoder().decode(stdin))).toBe(
    true,
  );
});

test("a program that takes too long is killed, also when the gate is what takes so long", async () => {
  const timeoutMs = 50;
  const ended = { exitCode: null, signal: "SIGKILL", timedOut: true };
  expect(await exec(["sleep", "60"], { timeoutMs, gate: open })).toMatchObject(ended);
  expect(await exec(["sleep", "60"], { timeoutMs, gate: tooLate })).toMatchObject(ended);
});

test("the PATH that the program is given need not lead to a shell", async () => {
  using home = tempHome();
  home.write("bin/say", "#!/bin/sh\necho said", 0o700);
  const given = { PATH: home.at("bin") };
  expect((await exec(["say"], { env: given, gate: open })).stdout).toBe("said\n");
  const child = spawn(["say"], { env: given, gate: open });
  expect(await child.exited).toEqual({ exitCode: 0, signal: null });
});

test("a detached child is behind its gate too", async () => {
  using home = tempHome();
  const detachedLog = home.at("log");
  let asked = 0;
  const gate: Gate = async (pid) => void (asked = pid);
  const child = spawn(["sh", "-c", "echo $$"], { env, detachedLog, gate });
  expect(await child.exited).toEqual({ exitCode: 0, signal: null });
  expect([child.pid, home.read("log")]).toEqual([asked, `${asked}\n`]);
});
