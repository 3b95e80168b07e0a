// The roster of this site and those that it may start from: the shipped examples, and one of what was found.
import type { Context } from "../context.ts";
import { rosterFile } from "../domain/names.ts";
import { parseRoster, type Roster } from "../domain/roster.ts";
import type { SetupAgent, SetupProfile } from "../domain/setup-model.ts";
import { listProfiles } from "../fleet/init.ts";

export interface Rosters {
  /** The one that is there and valid. */
  roster: Roster | undefined;
  /** Of the profiles. */
  rosters: ReadonlyMap<string, Roster>;
  profiles: readonly SetupProfile[];
  fault: string;
}

/** Reads them all; what is wrong with the one that is there is told, and not thrown. */
export async function readRosters(ctx: Context, found: SetupProfile | undefined): Promise<Rosters> {
  const { home } = ctx.paths;
  const texts = new Map<string, string>();
  for (const name of await listProfiles(ctx)) {
    const asset = await ctx.assets.read(`fleet/examples/${name}.yaml`);
    texts.set(name, new TextDecoder().decode(asset));
  }
  // Behind the examples: what spends no token comes first.
  if (found !== undefined) texts.set(found.name, found.text);
  const rosters = new Map<string, Roster>();
  const profiles: SetupProfile[] = [];
  for (const [name, text] of texts) {
    const parsed = parseRoster(text, { file: name, home });
    if (!("roster" in parsed)) continue;
    rosters.set(name, parsed.roster);
    profiles.push({ name, text, agents: agentsOf(parsed.roster) });
  }
  const file = rosterFile(ctx.paths);
  const text = await ctx.files.readText(file);
  if (text === undefined) return { roster: undefined, rosters, profiles, fault: "" };
  const parsed = parseRoster(text, { file, home });
  if ("roster" in parsed) return { roster: parsed.roster, rosters, profiles, fault: "" };
  const [first] = parsed.faults;
  const fault = `${file}:${first?.line}:${first?.column}: ${first?.message}`;
  return { roster: undefined, rosters, profiles, fault };
}

/** Agents as the plan names them. */
export function agentsOf({ agents }: Roster): SetupAgent[] {
  return agents.map(({ name, runtime }) => ({ name, runtime }));
}
