// Every kind of text to every agent in every situation: what was sent, what its model got, and whether the receipt is true.
// Run: npm run build && bun run test/bench/message-matrix.ts [--agents pi,claude] [--situations "idle,40 columns"]
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { type MessageAgent, messageFleet } from "../support/message-fleet.ts";
import {
  begin,
  falseReceipt,
  type Situation,
  situationNames,
  situations,
  witnessOf,
} from "../support/message-situations.ts";
import { messageTexts } from "../support/message-texts.ts";
import { printTable } from "./measure.ts";

const { values } = parseArgs({
  options: {
    agents: { type: "string", default: "canary,pi,claude,codex,opencode" },
    situations: { type: "string", default: situationNames.join(",") },
  },
});
const agents = (["canary", "pi", "claude", "codex", "opencode"] as const).filter((agent) =>
  values.agents.split(",").includes(agent),
);
const wanted = values.situations.split(",");
const chosen = situationNames.filter((name) => wanted.includes(name));

await using fleet = await messageFleet();
const faults: string[] = [];
const rows: string[][] = [];
for (const agent of agents) {
  for (const situation of chosen) rows.push(await runCells(agent, situation));
}
printTable(`${Object.keys(messageTexts).length} kinds of text`, [["", "told", "false"], ...rows]);
process.stdout.write(
  `${faults.length} false receipts\n${faults.map((fault) => `  ${fault}\n`).join("")}`,
);

/** One row: all texts to one agent in one situation. */
async function runCells(agent: MessageAgent, situation: Situation): Promise<string[]> {
  await fleet.wait(agent);
  const undo = await begin(fleet, agent, situation);
  const name = `${agent}, ${situation}`;
  if (undo === undefined) return [name, "cannot be", "-"];
  const told: Record<string, number> = {};
  let wrong = 0;
  for (const [kind, text] of Object.entries(messageTexts)) {
    await situations[situation].before?.(fleet, agent);
    const sent = await fleet.send(agent, text, "--wait", "answered", "--timeout", "60s");
    told[sent.status] = (told[sent.status] ?? 0) + 1;
    if (sent.status === "typed") await fleet.run(["fleet", "restart", agent]);
    if (!["refused", "queued"].includes(sent.status)) await fleet.wait(agent);
    const ends = await fleet.messages(agent);
    const end = ends.find(({ id }) => id === sent.id) ?? sent;
    const fault = falseReceipt(end, {
      got: fleet.got(agent, end),
      wanted: fleet.wanted(agent, text),
    });
    if (fault === "") continue;
    wrong++;
    faults.push(`${name}, ${kind}, ${sent.id}: ${fault}`);
  }
  await undo();
  if (existsSync(witnessOf(fleet, agent))) faults.push(`${name}: a message answered the question`);
  const words = Object.entries(told).map(([status, count]) => `${count} ${status}`);
  const row = [name, words.join(", "), `${wrong}`];
  process.stdout.write(`${row.join(": ")}\n`);
  return row;
}
