// `mosaic hook`: what the runtimes of agents call. Data only.
import type { Group } from "../_tree.ts";

export const hookGroup: Group = {
  name: "hook",
  summary: "what an agent's runtime calls to report itself",
  examples: ["mosaic hook run Stop"],
  hidden: true,
  children: [
    {
      name: "run",
      summary: "report one event of the agent that calls it",
      details: [
        "The event's JSON is read from standard input; the agent is the one of MOSAIC_AGENT. It prints nothing and never fails: what went wrong stands in log/hooks.log of the state folder.",
        "With --claude it runs the hooks of hooks-config.json that are on: what the entries in Claude Code's settings call.",
      ],
      examples: ["mosaic hook run Stop"],
      load: () => import("./run.ts"),
    },
  ],
};
