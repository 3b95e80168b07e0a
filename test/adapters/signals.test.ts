// In a process of its own each: what is heard once is heard for the whole life of a process.
import { expect, test } from "bun:test";
import { outputOf, runCommand } from "../support/run-command.ts";

const prefix = `
  const { untilSignal } = await import("${import.meta.dir}/../../src/adapters/signals.ts");
  const send = (name) => process.kill(process.pid, name);
  const say = (...words) => process.stdout.write(words.join(" ") + "\\n");`;

const run = (script: string) => [process.execPath, "-e", prefix + script];

test.each(["SIGINT", "SIGTERM", "SIGHUP"])("%s is told, and ends nothing", async (name) => {
  const script = `const told = untilSignal(); send("${name}"); say(await told);`;
  expect(await outputOf(run(script))).toBe(`${name}\n`);
});

test("others are told to whoever names them", async () => {
  const script = `
    const told = untilSignal(["SIGUSR1", "SIGQUIT"]);
    send("SIGQUIT");
    say(await told);
    const next = untilSignal(["SIGUSR1", "SIGQUIT"]);
    send("SIGUSR1");
    say(await next);`;
  expect(await outputOf(run(script))).toBe("SIGQUIT\nSIGUSR1\n");
});

test("others end us as long as nobody has named them", async () => {
  const script = `void untilSignal(["SIGUSR2"]); send("SIGUSR1"); await new Promise(() => {});`;
  expect((await runCommand(run(script))).exitCode).toBe(128 + 10);
});

test("one that comes while nobody waits is kept for the next call", async () => {
  const script = `
    const first = untilSignal(["SIGUSR1"]);
    send("SIGTERM");
    say(await first);
    // Delivered before this one is heard of.
    const seen = new Promise((resolve) => process.on("SIGUSR1", resolve));
    send("SIGUSR1");
    await seen;
    say(await untilSignal(["SIGUSR1"]));`;
  expect(await outputOf(run(script))).toBe("SIGTERM\nSIGUSR1\n");
});

test("all who wait are told, once", async () => {
  const script = `
    const both = [untilSignal(), untilSignal()];
    send("SIGINT");
    say(...(await Promise.all(both)));
    const next = untilSignal();
    send("SIGHUP");
    say(await next);`;
  expect(await outputOf(run(script))).toBe("SIGINT SIGINT\nSIGHUP\n");
});
