// Whether the runtimes of the roster have been logged in to: an agent that has not shows a login screen, and does nothing.
// A warning at most, since a site may have ways of its own, and nothing is asked of any service.
import type { Context } from "../../context.ts";
import { parseEnvFile } from "../../domain/env-file.ts";
import type { Agent } from "../../domain/roster.ts";
import { runtimes } from "../../domain/runtimes.ts";
import { type Check, type CheckResult, merged, ok, skipped, warning } from "../check.ts";

export const logins: Check = {
  id: "logins",
  title: "logins",
  needs: "roster",
  async run(ctx, { roster }) {
    if (roster === undefined) return skipped("no valid roster");
    const needed = roster.agents.filter(({ runtime }) => runtimes[runtime].login.signs.length > 0);
    const without = new Map<Agent["runtime"], string[]>();
    for (const agent of needed) {
      if (await hasLogin(ctx, agent)) continue;
      without.set(agent.runtime, [...(without.get(agent.runtime) ?? []), agent.name]);
    }
    const findings = [...without].map(([runtime, names]) => notLoggedIn(runtime, names));
    const none =
      needed.length === 0 ? "no runtime of the roster needs one" : "found for each agent";
    return merged(findings, ok(none));
  },
};

function notLoggedIn(runtime: Agent["runtime"], names: readonly string[]): CheckResult {
  const { title, program, login } = runtimes[runtime];
  const looked = [...login.signs.map(({ file }) => `~/${file}`), ...login.variables.slice(0, 1)];
  const detail = `no sign of a login to ${title} for ${names.join(", ")} (looked at ${looked.join(", ")})`;
  // Each asks for the login itself when it is started by hand.
  return warning(detail, program.kind === "path" ? program.binary : "");
}

async function hasLogin(ctx: Context, agent: Agent): Promise<boolean> {
  const { variables, signs } = runtimes[agent.runtime].login;
  const text = agent.envFile === undefined ? undefined : await ctx.files.readText(agent.envFile);
  const parsed = parseEnvFile(text ?? "");
  const env = { ...agent.env, ...("env" in parsed ? parsed.env : {}) };
  if (variables.some((name) => (env[name] ?? "") !== "")) return true;
  for (const { file, has } of signs) {
    const found = await ctx.files.readText(`${env["HOME"] ?? ctx.paths.home}/${file}`);
    if (found !== undefined && new RegExp(has, "m").test(found)) return true;
  }
  return false;
}
