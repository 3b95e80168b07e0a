import { expect, test } from "bun:test";
import { processes } from "../../src/adapters/processes.ts";
import { spawn } from "../../src/adapters/spawn.ts";
import { eventually } from "../support/eventually.ts";
import { outputOf, runCommand } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";

const env = { PATH: "/usr/bin:/bin" };

test("every line is told, whole, before the end is", async () => {
  using home = tempHome();
  const lines: string[] = [];
  // The second half is written after the first was read, so a line and a character are cut in two.
  const script = "printf 'a\\n\\nb\\303'; until [ -e go ]; do :; done; printf '\\244c\\nlast'";
  const child = spawn(["sh", "-c", script], {
    env,
    cwd: home.path,
    onLine(line) {
      lines.push(line);
      home.write("go", "");
    },
  });
  expect(await child.exited).toEqual({ exitCode: 0, signal: null });
  expect(lines).toEqual(["a", "", "bäc", "last"]);
});

test("lines come from stdout and stderr", async () => {
  const lines: string[] = [];
  const child = spawn(["sh", "-c", "echo out; echo err >&2"], {
    env,
    onLine: (line) => lines.push(line),
  });
  await child.exited;
  expect(lines.toSorted()).toEqual(["err", "out"]);
});

test("kill sends the signal, and the end names it", async () => {
  const child = spawn(["sleep", "60"], { env });
  child.kill("SIGTERM");
  expect(await child.exited).toEqual({ exitCode: null, signal: "SIGTERM" });
});

test("a grandchild that holds the output does not hold the end", async () => {
  const lines: string[] = [];
  const child = spawn(["sh", "-c", "sleep 20 & echo $!"], {
    env,
    onLine: (line) => lines.push(line),
  });
  expect(await child.exited).toEqual({ exitCode: 0, signal: null });
  process.kill(Number(lines[0]), "SIGKILL");
});

test("a child starts in its folder with its environment alone", async () => {
  using home = tempHome();
  const lines: string[] = [];
  const child = spawn(["sh", "-c", "pwd; echo $ONLY ${HOME-no-home}"], {
    env: { ...env, ONLY: "this" },
    cwd: home.path,
    onLine: (line) => lines.push(line),
  });
  await child.exited;
  expect(lines).toEqual([home.path, "this no-home"]);
});

test("a child inherits no ignored signal", async () => {
  const lines: string[] = [];
  const child = spawn(["grep", "SigIgn", "/proc/self/status"], {
    env,
    onLine: (line) => lines.push(line),
  });
  await child.exited;
  expect(lines).toEqual(["SigIgn:\t0000000000000000"]);
});

test.each([
  [["no-such-program-here"], {}, "cannot start no-such-program-here: not found", 127],
  [["true"], { cwd: "/no/such" }, "cannot start true: cannot enter /no/such: no such folder", 126],
])("%j that cannot be started is a clear error", (argv, options, message, exitCode) => {
  expect(() => spawn(argv, { env, ...options })).toThrow(
    expect.objectContaining({ name: "AppError", message, exitCode }),
  );
});

test("a detached child has a session of its own and outlives its parent, with its output in the log", async () => {
  using home = tempHome();
  const log = home.write("log", "before\n");
  const script = `
    const { spawn } = await import("${import.meta.dir}/../../src/adapters/spawn.ts");
    const script = "echo started; until [ -e go ]; do sleep 0.02; done; echo finished >&2";
    const child = spawn(["sh", "-c", script], {
      env: { PATH: "/usr/bin:/bin" }, cwd: "${home.path}", detachedLog: "${log}" });
    process.stdout.write(String(child.pid));`;
  // The parent ends although its child lives: otherwise this would not come back.
  const pid = Number(await outputOf([process.execPath, "-e", script]));
  const info = await processes.one(pid);
  expect(info).toMatchObject({ sessionId: pid });
  home.write("go", "");
  const text = await eventually(() => home.read("log"), {
    until: (seen) => seen.includes("finished"),
  });
  expect(text).toBe("before\nstarted\nfinished\n");
});

test.each([
  ["all", { stdout: "typed out\n", stderr: "err\n" }],
  ["stderr", { stdout: "", stderr: "typed out\nerr\n" }],
] as const)(
  "on our terminal, %s, a child has our input, and its output goes there",
  async (terminal, printed) => {
    const script = `
    const { spawn } = await import("${import.meta.dir}/../../src/adapters/spawn.ts");
    const argv = ["sh", "-c", "read -r word; echo $word out; echo err >&2; exit 3"];
    const child = spawn(argv, { env: { PATH: "/usr/bin:/bin" }, terminal: "${terminal}" });
    process.exitCode = (await child.exited).exitCode;`;
    const result = await runCommand([process.execPath, "-e", script], { stdin: "typed\n" });
    expect(result).toEqual({ exitCode: 3, ...printed });
  },
);

test.each([
  ["exit 7", 7],
  ["kill -TERM $$", 143],
])("an interactive program's `%s` becomes %i", async (script, exitCode) => {
  expect((await interactive(["sh", "-c", script])).exitCode).toBe(exitCode);
});

test("an interactive program has our input and output", async () => {
  const { stdout, exitCode } = await interactive(["cat"], "typed");
  expect({ stdout, exitCode }).toEqual({ stdout: "typed", exitCode: 0 });
});

test("an interactive program that is missing is 127", async () => {
  expect((await interactive(["no-such-program-here"])).exitCode).toBe(127);
});

test("Ctrl-C belongs to the interactive program", async () => {
  // The shell gets SIGINT as its parent does, and goes on to its own end.
  const { stdout } = await interactive(["sh", "-c", "trap : INT; kill -INT $PPID $$; echo alive"]);
  expect(stdout).toBe("alive\n");
});

function interactive(argv: string[], stdin = "") {
  const script = `
    const { runInteractive } = await import("${import.meta.dir}/../../src/adapters/spawn.ts");
    process.exit(await runInteractive(${JSON.stringify(argv)}));`;
  return runCommand([process.execPath, "-e", script], { stdin });
}
