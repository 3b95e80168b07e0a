// Messages to the canary and to real agents on the fake model server: how long they take beside one raw paste, whether
// many of them from four senders at once are each got once and told truly, and how soon a state is told.
// Run: npm run build && bun run test/bench/messages.ts [--agents pi,claude] [--messages 1000] [--rounds 20]
import { parseArgs } from "node:util";
import { type MessageAgent, type MessageFleet, messageFleet } from "../support/message-fleet.ts";
import { sleepFor, times } from "./message-times.ts";
import { replyOf, verdictOn } from "./message-verdict.ts";
import { median, printTable, quantile } from "./measure.ts";

const { values } = parseArgs({
  options: {
    agents: { type: "string", default: "canary,pi,claude,codex,opencode" },
    messages: { type: "string", default: "200" },
    rounds: { type: "string", default: "20" },
  },
});
const all: readonly MessageAgent[] = ["canary", "pi", "claude", "codex", "opencode"];
const agents = all.filter((agent) => values.agents.split(",").includes(agent));
const senders = 4;

await using fleet = await messageFleet();
for (const agent of agents) await fleet.wait(agent);
await printLatency(Number(values.rounds));
for (const agent of agents) await printSoak(agent, Number(values.messages));

/** In turns, so that a slow moment hits both. */
async function printLatency(rounds: number): Promise<void> {
  const rows: string[][] = [];
  for (const agent of agents) {
    const samples = { submitted: [], accepted: [], ours: [], raw: [] } as Record<string, number[]>;
    for (let round = 0; round < rounds; round++) {
      const raw = await rawPaste(fleet, agent, `raw ${agent} ${round}`);
      if (raw !== undefined) samples["raw"]?.push(raw);
      await fleet.wait(agent);
      const sentAt = Date.now();
      const sent = await fleet.send(agent, `ours ${round}`, "--wait", "answered");
      const at = times(sent);
      samples["submitted"]?.push((at.submitted ?? at.accepted ?? 0) - at.queued);
      samples["accepted"]?.push((at.accepted ?? 0) - at.queued);
      const got = fleet.model.requests.find(({ prompt }) => prompt.includes(sent.id));
      if (got !== undefined) samples["ours"]?.push(got.receivedAt - sentAt);
      await fleet.wait(agent);
    }
    const told = (name: string): string => both(samples[name] ?? []);
    const middle = (name: string): number => median((samples[name] ?? []).toSorted(byNumber));
    const more = agent === "canary" ? "" : `${(middle("ours") - middle("raw")).toFixed(0)} ms`;
    rows.push([agent, told("submitted"), told("accepted"), told("ours"), told("raw"), more]);
  }
  printTable(`${rounds} messages to an idle agent, median (p99)`, [
    ["", "submitted", "accepted", "at its model", "raw paste at its model", "we add"],
    ...rows,
  ]);
}

/** One tmux call that pastes and presses Enter; until the model has it. The canary has no model. */
async function rawPaste(
  { fleet: { tmux }, model, dir }: MessageFleet,
  agent: MessageAgent,
  text: string,
): Promise<number | undefined> {
  if (agent === "canary") return undefined;
  const file = dir.write("raw", text);
  const startedAt = Date.now();
  const target = `=${agent}:`;
  const paste = [
    "load-buffer",
    "-b",
    "raw",
    file,
    ";",
    "paste-buffer",
    "-pdb",
    "raw",
    "-t",
    target,
  ];
  await tmux(...paste, ";", "send-keys", "-t", target, "Enter");
  for (;;) {
    const got = model.requests.find(({ prompt }) => prompt.includes(text));
    if (got !== undefined) return got.receivedAt - startedAt;
    if (Date.now() - startedAt > 10_000) {
      // opencode on a busy machine takes such an Enter for nothing, and the text stands there.
      process.stdout.write(`${agent} never got a raw paste\n`);
      await tmux("send-keys", "-t", target, "Enter");
      return undefined;
    }
    await Bun.sleep(2);
  }
}

async function printSoak(agent: MessageAgent, count: number): Promise<void> {
  await fleet.wait(agent);
  const beganAt = Date.now();
  const before = fleet.model.requests.length;
  const watch = watchState(agent);
  const tally = {
    answered: 0,
    notAnswered: 0,
    lost: 0,
    twice: 0,
    changed: 0,
    shared: 0,
    falseAnswers: 0,
  };
  const texts: { text: string; sent: Awaited<ReturnType<MessageFleet["send"]>> }[] = [];
  const send = async (sender: number): Promise<void> => {
    for (let n = sender; n < count; n += senders) {
      // Every tenth one takes its time, so that there is something to see.
      const pause = n % 10 === 0 && agent !== "canary" ? ` [[sleep=${sleepFor}]]` : "";
      const text = `${agent} ${n} [[reply=answer to ${agent} ${n}.]]${pause}`;
      texts.push({
        text,
        sent: await fleet.send(agent, text, "--wait", "answered", "--timeout", "10m"),
      });
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)));
  const seen = await watch.end();
  const delays = { begin: [] as number[], end: [] as number[] };
  for (const { text, sent } of texts) {
    if (sent.status === "answered") tally.answered++;
    else tally.notAnswered++;
    const got = fleet.got(agent, sent);
    if (got.length === 0) tally.lost++;
    if (got.length > 1) tally.twice++;
    if (got.some((one) => one !== fleet.wanted(agent, text))) tally.changed++;
    const verdict = agent === "canary" ? "own" : verdictOn({ text, sent }, texts);
    if (verdict === "shared") tally.shared++;
    if (verdict === "false") {
      tally.falseAnswers++;
      process.stdout.write(`${sent.id}: answered "${sent.answer}", wanted "${replyOf(text)}"\n`);
    }
    const request = fleet.model.requests
      .slice(before)
      .find(({ prompt }) => prompt.includes(sent.id));
    if (request === undefined) continue;
    const at = times(sent);
    const pause = text.includes("[[sleep=") ? sleepFor : 0;
    if (at.accepted !== undefined) delays.begin.push(at.accepted - request.receivedAt);
    if (at.answered !== undefined) delays.end.push(at.answered - request.receivedAt - pause);
  }
  const working = fleet.model.requests
    .slice(before)
    .filter(({ prompt }) => prompt.includes("[[sleep="))
    .map(({ receivedAt }) => [receivedAt, receivedAt + sleepFor] as const);
  const wrong = seen.filter(
    ({ from, to, activity }) =>
      working.some(([start, end]) => from > start + 100 && to < end - 100) && activity === "idle",
  );
  const seconds = (Date.now() - beganAt) / 1000;
  printTable(`${agent}: ${count} messages from ${senders} senders in ${seconds.toFixed(0)} s`, [
    ["", ""],
    ...Object.entries(tally).map(([name, value]) => [name, `${value}`]),
    ["report of the turn's begin, after the model was asked", both(delays.begin)],
    ["report of its end, after the model began to answer", both(delays.end)],
    ["looks at its state", `${seen.length}`],
    ["of them idle while its model was at work", `${wrong.length}`],
  ]);
}

/** `agent status` again and again. */
function watchState(agent: MessageAgent) {
  const seen: { from: number; to: number; activity: string }[] = [];
  const state = { isOver: false };
  const looking = (async () => {
    while (!state.isOver) {
      const from = Date.now();
      const { stdout } = await fleet.run(["agent", "status", agent, "--json"]);
      const activity: string = JSON.parse(stdout).agents[0].activity?.activity ?? "unknown";
      seen.push({ from, to: Date.now(), activity });
      await Bun.sleep(50);
    }
  })();
  return {
    async end() {
      state.isOver = true;
      await looking;
      return seen;
    },
  };
}

function byNumber(a: number, b: number): number {
  return a - b;
}

function both(samples: readonly number[]): string {
  if (samples.length === 0) return "-";
  const sorted = samples.toSorted(byNumber);
  return `${median(sorted).toFixed(0)} ms (${quantile(sorted, 0.99).toFixed(0)})`;
}
