import { expect, test } from "bun:test";
import { eventually } from "../support/eventually.ts";
import { outputOf, runCommand } from "../support/run-command.ts";

const prelude = `
  const { createIo } = await import("${import.meta.dir}/../../src/adapters/terminal.ts");
  const io = createIo(process.env);
  const facts = () => JSON.stringify([io.stdinIsTty, io.stdoutIsTty, io.stderrIsTty, io.columns, io.color]);`;

const argv = (script: string) => [process.execPath, "-e", `${prelude}\n${script}`];

test("data goes to stdout, everything else to stderr, progress nowhere without a terminal", async () => {
  const script = `io.progress("50 %"); io.out("data\\n"); io.err("note\\n"); io.progress("");`;
  expect(await runCommand(argv(script))).toEqual({
    exitCode: 0,
    stdout: "data\n",
    stderr: "note\n",
  });
});

test("ten megabytes go through a slow pipe whole, in spite of an exit right behind", async () => {
  const script = `io.out("0123456789".repeat(1_000_000)); process.exit(0);`;
  const shell = '"$@" | { read -r -N 1 first; sleep 0.1; cat; } | wc -c';
  // `read` takes one byte before cat counts the others.
  expect(await outputOf(["bash", "-c", shell, "bash", ...argv(script)])).toBe("9999999\n");
});

test("a pipe that somebody made non-blocking loses nothing", async () => {
  const script = `io.out("0123456789".repeat(1_000_000)); process.exit(0);`;
  const nonBlocking = "use Fcntl; fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK); exec @ARGV";
  const shell = `perl -e '${nonBlocking}' "$@" | wc -c`;
  expect(await outputOf(["sh", "-c", shell, "sh", ...argv(script)])).toBe("10000000\n");
});

test("a reader that went away is EPIPE, which main knows", async () => {
  const script = `try { for (;;) io.out("x\\n".repeat(10_000)); } catch (error) { io.err(error.code); }`;
  const { stderr } = await runCommand(["sh", "-c", '"$@" | head -n 1', "sh", ...argv(script)]);
  expect(stderr).toBe("EPIPE");
});

test("a full disk under stdout is an error that says so", async () => {
  const script = `try { io.out("x"); } catch (error) { io.err(error.message); }`;
  const { stderr } = await runCommand(["sh", "-c", '"$@" > /dev/full', "sh", ...argv(script)]);
  expect(stderr).toBe("cannot write to standard output: no space left on device");
});

test("a closed stderr is nobody's fault", async () => {
  const script = `io.err("note"); io.progress("x"); io.out("data");`;
  const { stdout, exitCode } = await runCommand(["sh", "-c", '"$@" 2>&-', "sh", ...argv(script)]);
  expect({ stdout, exitCode }).toEqual({ stdout: "data", exitCode: 0 });
});

test.each([["/dev/null"], ["/dev/zero"]])("%s is no terminal", async (device) => {
  const script = "require('node:fs').writeFileSync(3, facts());";
  const shell = `"$@" 3>&1 <${device} >/dev/null 2>/dev/null`;
  expect(await outputOf(["sh", "-c", shell, "sh", ...argv(script)])).toBe(
    "[false,false,false,80,false]",
  );
});

test.each([
  [{ TERM: "xterm" }, true],
  [{ TERM: "dumb" }, false],
  [{ TERM: "xterm", NO_COLOR: "1" }, false],
  [{ TERM: "xterm", NO_COLOR: "" }, true],
])("on a terminal with %j colour is %p", async (env, color) => {
  const { screen } = await onTerminal("io.out(facts());", { env, columns: 123 });
  expect(screen).toBe(JSON.stringify([true, true, true, 123, color]));
});

test("progress is one line that fits, replaced in place and erased before anything else is said", async () => {
  const script = `io.progress("one"); io.progress("0123456789".repeat(3)); io.out("data\\n"); io.progress("two"); io.progress("");`;
  const { screen } = await onTerminal(script, { columns: 20 });
  const erase = "\r\u001B[2K";
  expect(screen).toBe(`one${erase}012345678901234567…${erase}data\r\ntwo${erase}`);
});

test.each([
  ["y\n", true],
  ["YES\n", true],
  ["n\n", false],
  ["\n", false],
  ["yellow\n", false],
  ["\u0004", false],
])("the answer %j to a question is %p", async (typed, answer) => {
  const script = `const yes = await io.confirm("Overwrite it?"); io.out("[" + yes + "]");`;
  const { screen } = await onTerminal(script, { type: { after: "[y/N] ", keys: typed } });
  expect(screen).toEndWith(`[${answer}]`);
});

test("stdin is read to its end", async () => {
  const script = `io.out((await io.readStdin()).toUpperCase());`;
  expect(await outputOf(argv(script), { stdin: "ä\nb" })).toBe("Ä\nB");
});

interface TerminalRun {
  env?: Record<string, string>;
  columns?: number;
  type?: { after: string; keys: string };
}

/** Printed by the program at its very end. */
const endMark = "\u0001";

const markEnd = `
  const { writeSync } = await import("node:fs");
  process.on("exit", () => writeSync(1, ${JSON.stringify(endMark)}));`;

/** Runs a script on a pseudo terminal until it ends; everything that the screen was sent. */
async function onTerminal(
  script: string,
  { env = {}, columns = 80, type }: TerminalRun = {},
): Promise<{ screen: string; exitCode: number }> {
  let screen = "";
  let isTyped = false;
  const decoder = new TextDecoder();
  await using terminal = new Bun.Terminal({
    cols: columns,
    rows: 24,
    data(own, data) {
      screen += decoder.decode(data, { stream: true });
      if (type === undefined || isTyped || !screen.includes(type.after)) return;
      isTyped = true;
      own.write(type.keys);
    },
  });
  const child = Bun.spawn(argv(`${markEnd}\n${script}`), {
    terminal,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "",
      TERM: "xterm",
      ...env,
    },
    timeout: 10_000,
  });
  const exitCode = await child.exited;
  // What it printed last may still be on its way through the terminal.
  await eventually(() => screen.includes(endMark), { what: "the last of the screen" });
  return { screen: screen.replace(endMark, ""), exitCode };
}
