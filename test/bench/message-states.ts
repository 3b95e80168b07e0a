// How soon `agent status` tells what an agent has begun or ceased to do, and how often it tells it wrong. The truth is
// what the model server saw: a turn begins when it is asked and ends when it answers. The canary asks no model; the truth is
// when it took the prompt by its own clock, and how long it was told to work.
// Run: npm run build && bun run test/bench/message-states.ts [--agents pi,claude] [--rounds 20]
import { parseArgs } from "node:util";
import { eventually } from "../support/eventually.ts";
import { type MessageAgent, messageFleet, type SentMessage } from "../support/message-fleet.ts";
import { begin } from "../support/message-situations.ts";
import { signal } from "../support/processes.ts";
import { median, printTable, quantile } from "./measure.ts";

interface Look {
  from: number;
  to: number;
  /** Its activity while it runs, else its state. */
  says: string;
}

const { values } = parseArgs({
  options: {
    agents: { type: "string", default: "canary,pi,claude,codex,opencode" },
    rounds: { type: "string", default: "20" },
  },
});
const agents = (["canary", "pi", "claude", "codex", "opencode"] as const).filter((agent) =>
  values.agents.split(",").includes(agent),
);
const rounds = Number(values.rounds);

/** How long the model works at each message; the canary, by its arguments. */
const modelWorkMs = 800;
const canaryWorkMs = 300;

/** Longer than any report takes: an agent told to be working after this is told wrong. */
const graceMs = 1_000;

await using fleet = await messageFleet();
const rows: string[][] = [];
for (const agent of agents) rows.push(await measure(agent));
printTable(`from the change to the first look that tells it, median (p99), ${rounds} rounds`, [
  ["", "working", "idle", "waiting", "dead", "looks", "false", "per 1000"],
  ...rows,
]);

async function measure(agent: MessageAgent): Promise<string[]> {
  await fleet.wait(agent);
  const delays = { working: [] as number[], idle: [] as number[] };
  let [looks, wrong] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const watch = watchState(agent);
    const text = `round ${round} [[sleep=${modelWorkMs}]]`;
    const sent = await fleet.send(agent, text, "--wait", "accepted");
    const began = await beginningOf(agent, sent);
    const workMs = agent === "canary" ? canaryWorkMs : modelWorkMs;
    const ended = began + workMs;
    await Bun.sleep(workMs + 2 * graceMs);
    const seen = await watch.end();
    const first = (says: string, since: number): number | undefined =>
      seen.find((look) => look.to >= since && look.says === says)?.to;
    const working = seen.find(({ says }) => says === "working")?.to;
    if (working !== undefined) delays.working.push(working - began);
    const idle = first("idle", ended);
    if (idle !== undefined) delays.idle.push(idle - ended);
    looks += seen.length;
    wrong += seen.filter(({ from, to, says }) => {
      const works = from > began + 100 && to < ended - 50;
      return (works && says !== "working") || (from > ended + graceMs && says !== "idle");
    }).length;
  }
  const told = ((wrong / looks) * 1000).toFixed(1);
  const waiting = await measureWaiting(agent);
  const dead = await measureDead(agent);
  return [
    agent,
    ...[delays.working, delays.idle, waiting, dead].map(both),
    `${looks}`,
    `${wrong}`,
    told,
  ];
}

/** Epoch milliseconds. */
async function beginningOf(agent: MessageAgent, { id, receipts }: SentMessage): Promise<number> {
  if (agent === "canary") {
    const accepted = receipts.find(({ status }) => status === "accepted")?.at ?? "";
    return Date.parse(accepted);
  }
  const asked = () => fleet.model.requests.find(({ prompt }) => prompt.includes(id))?.receivedAt;
  const at = await eventually(asked, { what: "its model to be asked", timeoutMs: 30_000 });
  if (at === undefined) throw new Error(`the model of ${agent} was never asked`);
  return at;
}

/** From the answer of the model, which asks for a tool, to the look that tells that the agent asks a person. */
async function measureWaiting(agent: MessageAgent): Promise<number[]> {
  const delays: number[] = [];
  for (let round = 0; round < Math.ceil(rounds / 4); round++) {
    const watch = watchState(agent);
    const before = fleet.model.requests.length;
    const undo = await begin(fleet, agent, "at a question");
    const seen = await watch.end();
    if (undo === undefined) return [];
    const asked = fleet.model.requests[before]?.receivedAt ?? 0;
    const waiting = seen.find(({ says }) => says === "waiting")?.to;
    if (waiting !== undefined) delays.push(waiting - asked);
    await undo();
  }
  return delays;
}

/** From `kill -9` of its process to the look that does not tell that it runs. Twice: a third crash would be its last. */
async function measureDead(agent: MessageAgent): Promise<number[]> {
  const delays: number[] = [];
  for (let round = 0; round < 2; round++) {
    await fleet.wait(agent);
    const panes = await fleet.fleet.tmux(
      "display-message",
      "-p",
      "-t",
      `=${agent}:`,
      "#{pane_pid}",
    );
    const wrapper = Number(panes.stdout.trim());
    const children = await Bun.file(`/proc/${wrapper}/task/${wrapper}/children`).text();
    const watch = watchState(agent);
    await Bun.sleep(graceMs);
    const killedAt = Date.now();
    for (const pid of children.trim().split(" ")) signal(Number(pid), "SIGKILL");
    await Bun.sleep(graceMs);
    const seen = await watch.end();
    const dead = seen.find(({ from, says }) => from >= killedAt && !isAlive(says))?.to;
    if (dead !== undefined) delays.push(dead - killedAt);
  }
  return delays;
}

function isAlive(says: string): boolean {
  return ["idle", "working", "waiting", "running"].includes(says);
}

/** `agent status` again and again. */
function watchState(agent: MessageAgent) {
  const seen: Look[] = [];
  const state = { isOver: false };
  const looking = (async () => {
    while (!state.isOver) {
      const from = Date.now();
      const { stdout } = await fleet.run(["agent", "status", agent, "--json"]);
      const [told] = JSON.parse(stdout).agents;
      seen.push({ from, to: Date.now(), says: told.activity?.activity ?? told.state });
      await Bun.sleep(10);
    }
  })();
  return {
    async end(): Promise<Look[]> {
      state.isOver = true;
      await looking;
      return seen;
    },
  };
}

function both(samples: readonly number[]): string {
  if (samples.length === 0) return "-";
  const sorted = samples.toSorted((a, b) => a - b);
  return `${median(sorted).toFixed(0)} ms (${quantile(sorted, 0.99).toFixed(0)})`;
}
