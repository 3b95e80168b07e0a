// The runtimes that the roster names, looked for where the agents will look: on the PATH of their units, which is not
// the PATH of this shell.
import type { Context } from "../../context.ts";
import type { Agent } from "../../domain/roster.ts";
import { agentSearchPath } from "../../fleet/search-path.ts";
import { unitPath } from "../../supervisors/systemd/units.ts";
import { programFaults } from "../agent-faults.ts";
import { type Check, type CheckResult, merged, ok, problem, skipped } from "../check.ts";

export const runtimes: Check = {
  id: "runtimes",
  title: "runtimes",
  needs: "roster",
  async run(ctx, { roster, supervisor }) {
    if (roster === undefined || supervisor === undefined) {
      return skipped("not known whether systemd runs the fleet");
    }
    const paths = {
      agents: await agentSearchPath(ctx, supervisor),
      // What install-systemd would write into the unit.
      next: supervisor === "systemd" ? unitPath(ctx.env["PATH"] ?? "") : undefined,
    };
    const faults = new Map<string, { finding: CheckResult; agents: string[] }>();
    for (const agent of roster.agents) {
      const finding = await checkRuntime(ctx, agent, paths);
      if (finding === undefined) continue;
      const known = faults.get(finding.detail) ?? { finding, agents: [] };
      known.agents.push(agent.name);
      faults.set(finding.detail, known);
    }
    const findings = [...faults.values()].map(({ finding, agents }) => ({
      ...finding,
      detail: `${finding.detail} (${agents.join(", ")})`,
    }));
    return merged(findings, ok(countsOf(roster.agents)));
  },
};

interface SearchPaths {
  agents: string;
  /** What the agents' could be; undefined where they have this shell's already. */
  next: string | undefined;
}

async function checkRuntime(
  ctx: Context,
  agent: Agent,
  { agents, next }: SearchPaths,
): Promise<CheckResult | undefined> {
  const [fault] = await programFaults(ctx, { agent, searchPath: agents });
  if (fault === undefined) return undefined;
  const isInShell =
    next !== undefined && (await programFaults(ctx, { agent, searchPath: next })).length === 0;
  if (!isInShell) return problem(fault.message, fault.hint);
  const detail = `${agent.runtime} is on the PATH of this shell, but not on that of the units: ${agents}`;
  return problem(detail, "mosaic fleet install-systemd");
}

/** Such as `pi 2, codex 1`. */
function countsOf(agents: readonly Agent[]): string {
  const counts = new Map<string, number>();
  for (const { runtime } of agents) counts.set(runtime, (counts.get(runtime) ?? 0) + 1);
  return [...counts].map(([runtime, count]) => `${runtime} ${count}`).join(", ");
}
