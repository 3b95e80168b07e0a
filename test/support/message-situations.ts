// What an agent can be in when a message comes, and whether the receipt of that message is true.
import { eventually } from "./eventually.ts";
import type { MessageAgent, MessageFleet, SentMessage } from "./message-fleet.ts";
import { startTmuxServer } from "./tmux-server.ts";

export const situationNames = [
  "idle",
  "working",
  "copy mode",
  "a person types",
  "at a question",
  "200 ms after start",
  "40 columns",
  "another sender",
] as const;

export type Situation = (typeof situationNames)[number];

/** Undoes what a situation needs. */
type Undo = () => Promise<unknown>;

interface Staging {
  /** Once, before all messages; undefined where the runtime cannot be in it. */
  begin?: (fleet: MessageFleet, agent: MessageAgent) => Promise<Undo | undefined>;
  /** Before each message. */
  before?: (fleet: MessageFleet, agent: MessageAgent) => Promise<unknown>;
}

const target = (agent: string): string => `=${agent}:`;

const nothing: Undo = async () => {};

/** What makes an agent ask for permission; the canary that asks is an agent of its own. pi never asks. */
const tools: Partial<Record<MessageAgent, string>> = {
  claude: 'Bash {"command":"touch WITNESS","description":"x"}',
  codex:
    'exec_command {"cmd":"touch WITNESS","sandbox_permissions":"require_escalated","justification":"x"}',
  opencode: 'bash {"command":"touch WITNESS","description":"x"}',
};

/** Resolves once it asks. */
async function ask(fleet: MessageFleet, agent: MessageAgent): Promise<Undo | undefined> {
  const tool = tools[agent];
  if (tool === undefined) return undefined;
  const text = `run it [[tool=${tool.replace("WITNESS", witnessOf(fleet, agent))}]]`;
  await fleet.send(agent, text, "--wait", "accepted");
  await fleet.wait(agent, "waiting");
  return async () => {
    await fleet.keys(agent, "Escape");
    await fleet.wait(agent);
  };
}

/** The file that would be there had a question been answered with yes. */
export const witnessOf = (fleet: MessageFleet, agent: MessageAgent): string =>
  fleet.dir.at(`witness-${agent}`);

/** Somebody sits at the agent, types a few letters, takes them back and rests, again and again. */
async function attachPerson(fleet: MessageFleet, agent: MessageAgent): Promise<Undo> {
  const outer = await startTmuxServer("mosaic-t-person");
  const socket = (await fleet.fleet.tmux("display-message", "-p", "#{socket_path}")).stdout.trim();
  const attach = `env -u TMUX tmux -S ${socket} attach -t ${target(agent)}`;
  await outer.tmux("new-session", "-d", "-s", "person", "-x", "160", "-y", "48", attach);
  const clients = async () => (await fleet.fleet.tmux("list-clients")).stdout;
  await eventually(async () => (await clients()).includes(agent), { what: "a person to attach" });
  const state = { isGone: false };
  const typing = (async () => {
    while (!state.isGone) {
      for (const letter of "hmm") {
        await outer.tmux("send-keys", "-t", target("person"), "-l", letter);
        await Bun.sleep(120);
      }
      for (let taken = 0; taken < 3; taken++) {
        await outer.tmux("send-keys", "-t", target("person"), "BSpace");
        await Bun.sleep(60);
      }
      await Bun.sleep(900);
    }
  })();
  return async () => {
    state.isGone = true;
    await typing;
    // A letter that came in the middle of a paste may have outlived its BSpace.
    for (const _ of "hmm") await fleet.keys(agent, "BSpace");
    await outer[Symbol.asyncDispose]();
    await fleet.fleet.tmux("resize-window", "-t", target(agent), "-x", "200", "-y", "50");
  };
}

async function restart(fleet: MessageFleet, agent: MessageAgent): Promise<void> {
  const instance = async () => {
    const format = "#{@mosaic_instance}";
    const shown = await fleet.fleet.tmux("display-message", "-p", "-t", target(agent), format);
    return shown.stdout.trim();
  };
  const before = await instance();
  const restarting = fleet.run(["fleet", "restart", agent]);
  const isNew = async () => !["", before].includes(await instance());
  await eventually(isNew, { what: `a new session of ${agent}`, timeoutMs: 30_000, intervalMs: 10 });
  await Bun.sleep(200);
  void restarting;
}

export const situations: Readonly<Record<Situation, Staging>> = {
  idle: {},
  working: {
    before: (fleet, agent) => fleet.send(agent, `first [[sleep=1500]]`, "--wait", "accepted"),
  },
  "copy mode": {
    before: (fleet, agent) => fleet.fleet.tmux("copy-mode", "-t", target(agent)),
  },
  "a person types": { begin: attachPerson },
  "at a question": { begin: ask },
  "200 ms after start": { before: restart },
  "40 columns": {
    async begin(fleet, agent) {
      const resize = (width: string, height: string) =>
        fleet.fleet.tmux("resize-window", "-t", target(agent), "-x", width, "-y", height);
      await resize("40", "30");
      return () => resize("200", "50");
    },
  },
  "another sender": {
    async before(fleet, agent) {
      void fleet.send(agent, "from somebody else", "--wait", "answered");
      await Bun.sleep(20);
    },
  },
};

/** Puts the agent into it; undefined where it cannot be in it. */
export async function begin(
  fleet: MessageFleet,
  agent: MessageAgent,
  situation: Situation,
): Promise<Undo | undefined> {
  const { begin: stage } = situations[situation];
  return stage === undefined ? nothing : await stage(fleet, agent);
}

/** How often its model may have got the text of a message with this status. */
const counts: Readonly<Record<string, readonly number[]>> = {
  answered: [1],
  accepted: [1],
  submitted: [1],
  // Not known is what is told.
  typed: [0, 1],
  failed: [0, 1],
  refused: [0],
  queued: [0],
  expired: [0],
};

/** What is false about a receipt; empty when it is true. That the text differs may only be so where the agent tells it. */
export function falseReceipt(
  sent: Pick<SentMessage, "status" | "receipts">,
  { got, wanted }: { got: readonly string[]; wanted: string },
): string {
  if (!(counts[sent.status] ?? []).includes(got.length)) {
    return `told ${sent.status}, got ${got.length} times`;
  }
  const accepted = sent.receipts.find(({ status }) => status === "accepted")?.evidence ?? "";
  const isToldWhole = !/somebody else|differs/.test(accepted);
  return got.every((text) => (text === wanted) === isToldWhole)
    ? ""
    : `told ${sent.status} (${accepted}), got ${got[0] === wanted ? "the very" : "another"} text`;
}
