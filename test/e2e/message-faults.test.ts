// What breaks in the middle of a message, with the canary and all other parts real: the receipt tells what is true.
// Over 200 lines because every fault is done to the same fleet.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, renameSync } from "node:fs";
import { answerTo } from "../../src/canary/answer.ts";
import { type CanaryFleet, canaryFleet } from "../support/canary-fleet.ts";
import { eventually } from "../support/eventually.ts";
import { runCommand } from "../support/run-command.ts";
import { allPids, argvOf, environmentOf, isRunning, signal } from "../support/processes.ts";

let canaries: CanaryFleet;

beforeAll(async () => {
  canaries = await canaryFleet(`
  - { name: one, runtime: canary }
  - { name: two, runtime: canary }
  - { name: asking, runtime: canary, args: [--ask, --witness, witness] }`);
}, 60_000);

afterAll(async () => {
  await canaries[Symbol.asyncDispose]();
}, 60_000);

/** A pause between a text and its Enter, in which things can break. */
const pauseMs = "1500";

/** Processes of this fleet with this word in their argv. */
function processesWith(word: string): number[] {
  return canaries.fleet
    .processes()
    .filter((pid) => argvOf(pid).some((text) => text.endsWith(word)) && isRunning(pid));
}

/** A message whose text stands in the composer and has no Enter yet. */
async function typing(agent: string, text: string, ...flags: string[]) {
  await canaries.wait(agent);
  await canaries.option(agent, "@mosaic_enter_delay_ms", pauseMs);
  const sent = canaries.send(agent, text, ...flags).catch((error: unknown) => error);
  await eventually(async () => (await canaries.screen(agent)).includes(text));
  await canaries.option(agent, "@mosaic_enter_delay_ms", "0");
  return { sent };
}

/** Its supervisor starts it again, after a pause. */
async function isBack(agent: string): Promise<void> {
  await eventually(
    async () => {
      await canaries.run(["fleet", "start"]);
      await canaries.wait(agent);
      return true;
    },
    { timeoutMs: 15_000, what: `${agent} to be back` },
  );
}

async function lastOf(agent: string) {
  const { stdout } = await canaries.run(["agent", "messages", agent, "-n", "1", "--json"]);
  return JSON.parse(stdout).messages[0];
}

test("somebody's draft, a question and a message of ours are three causes", async () => {
  await canaries.wait("one");
  await canaries.keys("one", "-l", "half a thought");
  await eventually(async () => (await canaries.screen("one")).includes("half a thought"));
  const draft = await canaries.send("one", "not now");
  expect(draft).toMatchObject({ exitCode: 4, status: "refused" });
  expect(draft.receipts.at(-1)).toMatchObject({ cause: "draft" });
  expect(draft.stderr).toContain('somebody\'s draft: "› half a thought"');
  await canaries.keys("one", "C-u");

  await canaries.wait("asking");
  await canaries.send("asking", "do it");
  await canaries.wait("asking", "waiting");
  const question = await canaries.send("asking", "yes", "--when", "now");
  expect(question.receipts.at(-1)).toMatchObject({ status: "refused", cause: "question" });
  await canaries.keys("asking", "Escape");
});

test("its deliverer is killed between the text and its Enter: told as typed, never typed twice, and named", async () => {
  const { sent } = await typing("one", "cut off", "--key", "cut");
  const senders = [...processesWith("agent-send.sh"), ...processesWith("send-message.sh")];
  for (const pid of [...processesWith("send"), ...senders]) signal(pid, "SIGKILL");
  await sent;
  const next = await canaries.send("one", "another");
  const queued = await eventually(
    async () => {
      const { receipts } = await canaries.message(next.id);
      return receipts.find(({ cause }) => cause === "leftover");
    },
    { timeoutMs: 10_000, what: "the reason why it waits" },
  );
  expect(queued?.status).toBe("queued");
  expect(queued?.evidence).toContain("of mosaic, typed and not submitted");
  const again = await canaries.send("one", "cut off", "--key", "cut");
  expect(again).toMatchObject({ exitCode: 5, status: "typed" });
  // What helps is true: Enter sends it, and the agent's own word is the receipt.
  await canaries.keys("one", "Enter");
  await eventually(async () => (await canaries.message(again.id)).status === "answered");
  expect((await canaries.message(again.id)).answer).toBe(answerTo("cut off"));
  await eventually(async () => (await canaries.message(next.id)).status === "answered", {
    timeoutMs: 15_000,
  });
});

test("only mosaic is killed: the script ends its work, and the agent's word is the receipt", async () => {
  const { sent } = await typing("one", "goes on", "--key", "on");
  for (const pid of processesWith("send")) signal(pid, "SIGKILL");
  await sent;
  const end = await eventually(async () => {
    const message = await lastOf("one");
    return message.status === "answered" ? message : undefined;
  });
  expect([end.key, end.answer]).toEqual(["on", answerTo("goes on")]);
});

test("Ctrl-C in a terminal, between the text and its Enter: heard, and the message goes on", async () => {
  await canaries.wait("one");
  const { tmux, self } = canaries.fleet;
  await tmux("new-session", "-d", "-s", "person", "-x", "150", "-y", "20", "env", "PS1=$ ", "bash");
  const shows = async (text: string): Promise<boolean> =>
    (await canaries.screen("person")).includes(text);
  await canaries.option("one", "@mosaic_enter_delay_ms", pauseMs);
  await canaries.keys("person", "-l", `${self.join(" ")} agent ask one "not yet"; echo "exit $?"`);
  await canaries.keys("person", "Enter");
  await eventually(async () => (await canaries.screen("one")).includes("not yet"));
  await canaries.keys("person", "C-c");
  await eventually(() => shows("ends when the text has its Enter"), { what: "that it was heard" });
  await eventually(() => shows("exit 130"), { what: "its end", timeoutMs: 15_000 });
  expect(await shows(", and goes on")).toBe(true);
  await canaries.option("one", "@mosaic_enter_delay_ms", "0");
  await eventually(async () => (await lastOf("one")).answer === answerTo("not yet"), {
    what: "the answer",
    timeoutMs: 15_000,
  });
  await tmux("kill-session", "-t", "=person");
}, 60_000);

test("the agent is killed between the text and its Enter: refused, and the same key is answered once it is back", async () => {
  const { sent } = await typing("two", "too late", "--key", "late");
  const [pid] = allPids().filter(
    (one) => argvOf(one).includes("canary") && environmentOf(one).includes("MOSAIC_AGENT=two"),
  );
  if (pid === undefined) throw new Error("no canary");
  signal(pid, "SIGKILL");
  const end = await sent;
  expect(end).toMatchObject({ exitCode: 3, status: "refused", answer: null });
  await isBack("two");
  const again = await canaries.send("two", "too late", "--key", "late", "--wait", "answered");
  expect(again).toMatchObject({ exitCode: 0, answer: answerTo("too late") });
});

test("the tmux server dies between the text and its Enter: refused, and answered once the fleet is back", async () => {
  const { sent } = await typing("two", "no server", "--key", "dead");
  const { stdout } = await canaries.fleet.tmux("display-message", "-p", "#{pid}");
  signal(Number(stdout), "SIGKILL");
  expect(await sent).toMatchObject({ exitCode: 3, status: "refused", answer: null });
  await isBack("two");
  const again = await canaries.send("two", "no server", "--key", "dead", "--wait", "answered");
  expect(again).toMatchObject({ exitCode: 0, answer: answerTo("no server") });
}, 60_000);

test("the tmux server dies in the middle of the paste: refused, and answered once the fleet is back", async () => {
  await canaries.wait("two");
  const { dir, env, tmux } = canaries.fleet;
  const before = (await tmux("display-message", "-p", "#{pid}")).stdout;
  // In front of the real one: stops the server before the paste, and kills it when the client waits for it.
  const wrapper = `#!/bin/sh
    case "$*" in
      *paste-buffer*)
        server=$(/usr/bin/tmux "$1" "$2" "$3" "$4" display-message -p '#{pid}')
        kill -STOP "$server"
        (sleep 0.3; kill -KILL "$server") >/dev/null 2>&1 &
    esac
    exec /usr/bin/tmux "$@"`;
  dir.write("bin/tmux", wrapper, 0o700);
  const words = ["agent", "send", "two", "--key", "middle", "--json"];
  const sent = await canaries.run(words, {
    stdin: "mid-paste",
    env: { ...env, PATH: `${dir.at("bin")}:${env["PATH"]}` },
  });
  expect([sent.exitCode, JSON.parse(sent.stdout).status]).toEqual([3, "refused"]);
  expect((await tmux("display-message", "-p", "#{pid}")).stdout).not.toBe(before);
  await isBack("two");
  const again = await canaries.run([...words, "--wait", "answered"], { stdin: "mid-paste" });
  expect(JSON.parse(again.stdout).answer).toBe(answerTo("mid-paste"));
}, 60_000);

test("its hook binary is gone: it goes on, and the receipts say what the screen shows, and no more", async () => {
  const { dir } = canaries.fleet;
  const copy = dir.at("mosaic-copy");
  copyFileSync(canaries.binary, copy);
  await using own = await canaryFleet("[{ name: mute, runtime: canary }]", { self: [copy] });
  await own.wait("mute");
  const first = await own.send("mute", "with hooks", "--wait", "answered");
  expect(first.answer).toBe(answerTo("with hooks"));
  renameSync(copy, `${copy}.away`);
  const sent = ["one", "two"].map(async (text) => {
    const words = ["agent", "send", "mute", "--wait", "accepted", "--timeout", "5s", "--json"];
    const argv = [canaries.binary, ...words];
    const done = await runCommand(argv, { env: own.fleet.env, stdin: text });
    const { status, receipts } = JSON.parse(done.stdout);
    return [done.exitCode, status, receipts.at(-1).source];
  });
  const ends = await Promise.all(sent);
  renameSync(`${copy}.away`, copy);
  expect(ends).toEqual([
    [5, "submitted", "screen"],
    [5, "submitted", "screen"],
  ]);
  const screen = await own.screen("mute");
  expect([screen.includes(answerTo("one")), screen.includes(answerTo("two"))]).toEqual([
    true,
    true,
  ]);
}, 60_000);

/** Another program holds the write lock for so long; resolves when it has it. */
async function lockStore(holdMs: number): Promise<Disposable & { released: Promise<number> }> {
  const path = canaries.fleet.dir.at("home/.local/state/mosaic/state.db");
  const program = `
    const { Database } = await import("bun:sqlite");
    const store = new Database(${JSON.stringify(path)});
    store.run("PRAGMA busy_timeout = 5000");
    store.run("BEGIN IMMEDIATE");
    console.log("held");
    await Bun.sleep(${holdMs});
    store.run("COMMIT");`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
  await child.stdout.getReader().read();
  return { released: child.exited, [Symbol.dispose]: () => child.kill("SIGKILL") };
}

test.each([
  [3_000, 0, "answered"],
  // Longer than any write waits.
  [7_000, 75, undefined],
])(
  "the store is locked for %i ms while a text is typed: nothing is lost, nothing told that is not so",
  async (holdMs, exitCode, status) => {
    const text = `locked ${holdMs}`;
    const { sent } = await typing("one", text, "--wait", "answered");
    using store = await lockStore(holdMs);
    // One that comes meanwhile is not there, when it is told to be busy.
    const words = ["agent", "send", "one", "--wait", "answered", "--key", text, "--json"];
    const other = await canaries.run(words, { stdin: "meanwhile" });
    expect(other.exitCode).toBe(exitCode);
    expect(other.stdout === "" ? undefined : JSON.parse(other.stdout).status).toBe(status);
    if (exitCode !== 0) expect(other.stderr).toContain("is locked by another process");
    expect(await sent).toMatchObject({ exitCode: 0, status: "answered", answer: answerTo(text) });
    await store.released;
    const again = await canaries.run(words, { stdin: "meanwhile" });
    expect(JSON.parse(again.stdout).answer).toBe(answerTo("meanwhile"));
    expect((await canaries.screen("one")).match(/canary: .*meanwhile/g)?.length).toBe(
      holdMs === 3_000 ? 1 : 2,
    );
  },
  60_000,
);
