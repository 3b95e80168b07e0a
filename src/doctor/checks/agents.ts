// What each agent needs besides its runtime: its workdir, and its envFile, readable for us alone.
import { placeFaults } from "../agent-faults.ts";
import { type Check, merged, ok, problem, skipped } from "../check.ts";

export const agents: Check = {
  id: "agents",
  title: "agents",
  needs: "roster",
  async run(ctx, { roster }) {
    if (roster === undefined) return skipped("no valid roster");
    const faults = await Promise.all(
      roster.agents.map(async (agent) =>
        (await placeFaults(ctx, agent)).map(({ message, hint }) =>
          problem(`${agent.name}: ${message}`, hint),
        ),
      ),
    );
    return merged(faults.flat(), ok("every workdir and envFile is as it should be"));
  },
};
