// Messages without keystrokes to a real pi and a real opencode, when a person or a fault comes in between.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../support/eventually.ts";
import type { SentMessage } from "../support/message-fleet.ts";
import { allPids, argvOf, environmentOf, signal } from "../support/processes.ts";
import { type RealFleet, realFleet } from "../support/real-fleet.ts";

let real: RealFleet;

const slowMs = 240_000;

beforeAll(async () => {
  real = await realFleet(["pi", "opencode"]);
  // opencode took 54 s to start on a machine that did much else.
  const words = ["agent", "wait", "opencode", "--for", "idle", "--timeout", "150s"];
  await real.run(words, { timeoutMs: 160_000 });
}, 660_000);

afterAll(async () => {
  await real[Symbol.asyncDispose]();
}, 60_000);

/** How often its model got a message. */
const timesGot = ({ id }: SentMessage): number =>
  real.model.requests.filter(({ prompt }) => prompt.includes(id)).length;

/** On a busy machine opencode answers before its screen shows the prompt. */
const wayOf = ({ receipts }: SentMessage): string | undefined =>
  receipts.find(({ status }) => ["submitted", "typed"].includes(status))?.evidence.split(":")[0];

async function answered(id: string): Promise<SentMessage> {
  const isAnswered = async () => (await real.message(id)).status === "answered";
  await eventually(isAnswered, { what: `an answer to ${id}`, timeoutMs: 60_000 });
  return await real.message(id);
}

/** The process of the runtime itself. */
async function pidOfPi(): Promise<number> {
  const files = new Bun.Glob("home/.local/state/mosaic/agents/pi/spool/*/up");
  const pids = [];
  for (const file of files.scanSync(real.dir.path)) {
    const pid = Number(await Bun.file(real.dir.at(file)).text());
    if (environmentOf(pid).includes("MOSAIC_AGENT=pi")) pids.push(pid);
  }
  const [pid] = pids;
  if (pid === undefined || pids.length > 1) throw new Error(`not one pi: ${pids.join(" ")}`);
  return pid;
}

test(
  "a new conversation, extensions that were loaded anew and an open list keep no message from pi",
  async () => {
    await real.wait("pi");
    const ways = [];
    const shown = { "/new": "New session started", "/reload": "Reloaded", "/model": "to cancel" };
    for (const [command, words] of Object.entries(shown)) {
      await real.keys("pi", "-l", command);
      await eventually(async () => (await real.screen("pi")).includes(command));
      await real.keys("pi", "Enter");
      // Meanwhile it is pasted.
      await eventually(async () => (await real.screen("pi")).includes(words), { what: words });
      const sent = await real.send("pi", `after ${command}`, "--wait", "answered");
      ways.push([sent.status, wayOf(sent), timesGot(sent)]);
    }
    await real.keys("pi", "Escape");
    expect(ways).toEqual([1, 2, 3].map(() => ["answered", "spool", 1]));
  },
  slowMs,
);

test(
  "a pi that stands still is given nothing: it waits, and is got once when pi goes on",
  async () => {
    await real.wait("pi");
    const pid = await pidOfPi();
    signal(pid, "SIGSTOP");
    const sent = await real.send("pi", "to one that stands still");
    signal(pid, "SIGCONT");
    expect([sent.exitCode, sent.status]).toEqual([6, "queued"]);
    expect(timesGot(await answered(sent.id))).toBe(1);
  },
  slowMs,
);

test(
  "its deliverer is killed before pi takes it: pi takes it, once, and says so",
  async () => {
    await real.wait("pi");
    const pid = await pidOfPi();
    signal(pid, "SIGSTOP");
    const sending = real.send("pi", "nobody waits for it", "--key", "gone").catch(() => {});
    const messages = new Bun.Glob("home/.local/state/mosaic/agents/pi/spool/*/*.message");
    await eventually(() => [...messages.scanSync(real.dir.path)].length > 0);
    const mine = (one: number) => environmentOf(one).includes(`HOME=${real.dir.at("home")}`);
    for (const one of allPids()) {
      if (argvOf(one).includes("gone") && mine(one)) signal(one, "SIGKILL");
    }
    await sending;
    signal(pid, "SIGCONT");
    const again = await real.send("pi", "nobody waits for it", "--key", "gone");
    expect(timesGot(await answered(again.id))).toBe(1);
  },
  slowMs,
);

test(
  "pi is killed with a message that it has: told as failed, and not given to the next one",
  async () => {
    await real.wait("pi");
    const text = "killed with it [[sleep=30000]]";
    const sent = await real.send("pi", text, "--wait", "accepted");
    await eventually(() => timesGot(sent) === 1, { what: "its model to be asked" });
    signal(await pidOfPi(), "SIGKILL");
    await eventually(
      async () => {
        await real.run(["fleet", "start"]);
        await real.wait("pi");
        return true;
      },
      { what: "pi to be back", timeoutMs: 60_000 },
    );
    const next = await real.send("pi", "to the next one", "--wait", "answered");
    const end = await real.message(sent.id);
    expect([end.status, timesGot(end), next.status, wayOf(next)]).toEqual([
      "failed",
      1,
      "answered",
      "spool",
    ]);
  },
  slowMs,
);

test(
  "a draft in opencode's first screen stays, and nothing that opencode runs has our extensions",
  async () => {
    await real.wait("opencode");
    await real.keys("opencode", "-l", "half a thought");
    const hasDraft = async () => (await real.screen("opencode")).includes("half a thought");
    await eventually(hasDraft, { what: "a draft" });
    const first = await real.send("opencode", "past it", "--wait", "answered");
    expect([first.status, wayOf(first), timesGot(first)]).toEqual(["answered", "spool", 1]);
    expect(await hasDraft()).toBe(true);
    const file = real.dir.at("environment");
    const tool = `[[tool=bash {"command":"env > ${file}","description":"x"}]]`;
    await real.send("opencode", `run it ${tool}`, "--wait", "accepted");
    await real.wait("opencode", "waiting");
    await real.keys("opencode", "Enter");
    await real.wait("opencode");
    const names = (await Bun.file(file).text()).split("\n").map((line) => line.split("=")[0]);
    expect(names).toContain("MOSAIC_AGENT");
    expect(names).not.toContain("OPENCODE_CONFIG_CONTENT");
    expect(names).not.toContain("OPENCODE_TUI_CONFIG");
  },
  slowMs,
);
