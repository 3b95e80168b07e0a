import { expect, test } from "bun:test";
import { childEnv, exec } from "../../src/adapters/exec.ts";
import { tempHome } from "../support/temp-home.ts";

const quiet = { exitCode: 0, signal: null, stdout: "", stderr: "", timedOut: false };

test("a program's output, error output and exit code are told apart", async () => {
  expect(await exec(["sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
    ...quiet,
    exitCode: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
});

test("arguments arrive as they are, whatever a shell would make of them", async () => {
  const hostile = ["$(id)", "`id`", "a b", "'\"\\", ";&|", "*", "", "\n", "-x", "ä€😀"];
  const { stdout } = await exec(["printf", "%s\\0", ...hostile]);
  expect(stdout.split("\0").slice(0, -1)).toEqual(hostile);
});

test.each([
  ["text", "line\nä€\n"],
  ["bytes", new TextEncoder().encode("line\nä€\n")],
])("stdin given as %s reaches the program and ends", async (_kind, stdin) => {
  expect((await exec(["cat"], { stdin })).stdout).toBe("line\nä€\n");
});

test("without stdin the program reads an empty one", async () => {
  expect(await exec(["cat"])).toEqual(quiet);
});

test("a megabyte goes in and out", async () => {
  const stdin = "0123456789abcdef".repeat(65_536);
  expect((await exec(["cat"], { stdin })).stdout === stdin).toBe(true);
});

test("a program that does not read its stdin is no fault", async () => {
  expect(await exec(["true"], { stdin: "x".repeat(1_000_000) })).toEqual(quiet);
});

test("a program that takes too long is killed, and that is said", async () => {
  expect(await exec(["sleep", "60"], { timeoutMs: 50 })).toEqual({
    ...quiet,
    exitCode: null,
    signal: "SIGKILL",
    timedOut: true,
  });
});

test("what a program said before its timeout is kept", async () => {
  const result = await exec(["sh", "-c", "echo so far; exec sleep 60"], { timeoutMs: 300 });
  expect(result).toMatchObject({ stdout: "so far\n", timedOut: true });
});

test("a grandchild that holds the output does not hold us", async () => {
  const result = await exec(["sh", "-c", "sleep 20 & echo $!"], { timeoutMs: 15_000 });
  process.kill(Number(result.stdout), "SIGKILL");
  expect(result).toMatchObject({ exitCode: 0, timedOut: false });
});

test.each([
  ["SIGTERM", "SIGTERM"],
  ["40", "SIG40"],
])("an end by %s is told as %s", async (signal, told) => {
  const result = await exec(["bash", "-c", `kill -${signal} $$`]);
  expect(result).toMatchObject({ exitCode: null, signal: told, timedOut: false });
});

test.each(["no-such-program-here", "/no/such/program"])("%s is exit code 127", async (program) => {
  expect(await exec([program])).toEqual({
    ...quiet,
    exitCode: 127,
    stderr: `${program}: not found\n`,
  });
});

test("a file that is not executable is exit code 126", async () => {
  using home = tempHome();
  const file = home.write("plain", "");
  expect(await exec([file])).toMatchObject({
    exitCode: 126,
    stderr: `${file}: permission denied\n`,
  });
});

test("a missing working folder is not taken for a missing program", async () => {
  expect(await exec(["true"], { cwd: "/no/such/folder" })).toMatchObject({
    exitCode: 126,
    stderr: "true: cannot enter /no/such/folder: no such folder\n",
  });
});

test.each([[[]], [["echo", "a\0b"]]])("argv %j is a bug of ours", async (argv) => {
  expect(await exec(argv).catch((error: unknown) => error)).toBeInstanceOf(TypeError);
});

test("a given environment is the whole environment, and its PATH finds the program", async () => {
  using home = tempHome();
  home.write("bin/show-env", "#!/bin/sh\n/usr/bin/env", 0o700);
  const env = { PATH: home.at("bin"), NODE_OPTIONS: "--kept" };
  const { stdout } = await exec(["show-env"], { env });
  const names = stdout.split("\n").filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line));
  expect(names.toSorted()).toEqual(["", "NODE_OPTIONS=--kept", `PATH=${home.at("bin")}`]);
});

test("what would inject code into a child is not inherited", () => {
  const inherited = { HOME: "/h", BUN_INSTALL: "/h/.bun", BUNDLE: "kept", EMPTY: "" };
  const injections = {
    BUN_OPTIONS: "--preload=x",
    BUN_BE_BUN: "1",
    BUN_INSPECT: "1",
    BUN_INSPECT_CONNECT_TO: "x",
    BUN_INSPECT_PRELOAD: "x",
    NODE_OPTIONS: "--require=x",
  };
  expect(childEnv({ ...inherited, ...injections, GONE: undefined })).toEqual(inherited);
});
