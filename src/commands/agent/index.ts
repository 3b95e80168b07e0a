// `mosaic agent`: one agent of the roster. Data only.
import type { Group } from "../_tree.ts";

export const agentGroup: Group = {
  name: "agent",
  summary: "talk to one agent, watch it, and learn why it ended",
  examples: ["mosaic agent status", 'mosaic agent send canary-pi --message "status check"'],
  children: [
    {
      name: "roster",
      summary: "list the agents of the roster",
      examples: ["mosaic agent roster", "mosaic agent roster --json"],
      load: () => import("./roster.ts"),
    },
    {
      name: "status",
      summary: "show the state of every agent, or of one",
      details: ["Exits 3 when an agent is not running."],
      examples: ["mosaic agent status", "mosaic agent status canary-pi --explain"],
      load: () => import("./status.ts"),
    },
    {
      name: "send",
      summary: "bring a message to an agent, and say what became of it",
      details: [
        "Without --message and --file the message is read from standard input. Exits 0 when it is submitted (or as far as --wait asks), 6 when it waits for an agent that works, 4 when nothing was typed (a question, somebody's draft), 5 when it was typed but is not proven.",
      ],
      examples: [
        'mosaic agent send canary-pi --message "status check"',
        "git diff | mosaic agent send canary-pi",
        'mosaic agent send --all --message "pull before you go on" --key pull-7',
      ],
      load: () => import("./send.ts"),
    },
    {
      name: "ask",
      summary: "bring a message to an agent and print its answer",
      details: ["Standard output is the answer and nothing else."],
      examples: [
        'mosaic agent ask canary-pi "what are you working on?"',
        "git diff | mosaic agent ask canary-pi --file -",
      ],
      load: () => import("./ask.ts"),
    },
    {
      name: "wait",
      summary: "wait until an agent is idle, asks a question, or is dead",
      examples: ["mosaic agent wait canary-pi", "mosaic agent wait canary-pi --for waiting"],
      load: () => import("./wait.ts"),
    },
    {
      name: "messages",
      summary: "list the messages to agents, and how far each came",
      details: [
        "queued: waits · typed: not proven submitted · submitted: seen to leave the composer · accepted: the agent reports it · answered: its turn ended · refused: nothing was typed · expired · failed.",
      ],
      examples: [
        "mosaic agent messages canary-pi",
        "mosaic agent messages --id 0a1b2c3d4e",
        "mosaic agent messages canary-pi --drop",
      ],
      load: () => import("./messages.ts"),
    },
    {
      name: "reset",
      summary: "end an agent and start it anew, with its old conversation or a new one",
      details: [
        "Without --new it goes on with the conversation that it reported last; exits 4 when there is none, or the runtime cannot.",
      ],
      examples: ["mosaic agent reset canary-pi --new", "mosaic agent reset canary-pi"],
      load: () => import("./reset.ts"),
    },
    {
      name: "tail",
      summary: "print the last lines of an agent's screen",
      details: [
        "With -f it goes on with what is new, once it has settled, until Ctrl-C or the agent's end.",
      ],
      examples: ["mosaic agent tail canary-pi -n 80", "mosaic agent tail canary-pi -f"],
      load: () => import("./tail.ts"),
    },
    {
      name: "attach",
      summary: "put this terminal on an agent's session",
      details: ["Detach with Ctrl-b d; the agent goes on."],
      examples: ["mosaic agent attach canary-pi", "mosaic agent attach canary-pi --read-only"],
      load: () => import("./attach.ts"),
    },
    {
      name: "why",
      summary: "say why an agent ended: last screen, exit status, restarts",
      examples: ["mosaic agent why canary-pi"],
      load: () => import("./why.ts"),
    },
    {
      name: "deliver",
      summary: "bring an agent what waits in its queue",
      examples: ["mosaic agent deliver canary-pi"],
      hidden: true,
      load: () => import("./deliver.ts"),
    },
    {
      name: "render",
      summary: "write the launch file of an agent",
      examples: ["mosaic agent render canary-pi"],
      hidden: true,
      load: () => import("./render.ts"),
    },
  ],
};
