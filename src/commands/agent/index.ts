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
      examples: ["mosaic agent status", "mosaic agent status canary-pi"],
      load: () => import("./status.ts"),
    },
    {
      name: "send",
      summary: "deliver a message to an agent",
      details: ["Without --message and --file the message is read from standard input."],
      examples: [
        'mosaic agent send canary-pi --message "status check"',
        "git diff | mosaic agent send canary-pi",
      ],
      load: () => import("./send.ts"),
    },
    {
      name: "reset",
      summary: "end an agent's session and start a fresh one",
      details: ["It needs --new: resuming the old conversation is not supported yet."],
      examples: ["mosaic agent reset canary-pi --new"],
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
      name: "render",
      summary: "write the launch file of an agent",
      examples: ["mosaic agent render canary-pi"],
      hidden: true,
      load: () => import("./render.ts"),
    },
  ],
};
