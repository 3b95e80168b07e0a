// A roster of what is installed on this host: one agent for each runtime whose program was found. Pure.
import { agentNamePattern } from "./names.ts";
import type { SetupFacts, SetupProfile } from "./setup-model.ts";

/** The profile's name, beside those of the shipped examples. */
export const foundProfile = "found";

/** undefined when no runtime was found. */
export function foundRoster(runtimes: SetupFacts["runtimes"]): SetupProfile | undefined {
  const found = runtimes.filter(
    ({ name, path }) => path !== undefined && agentNamePattern.test(name),
  );
  if (found.length === 0) return undefined;
  const lines = found.flatMap(({ name, path }) => [
    `  - name: ${name}`,
    `    runtime: ${name}${commentOf(path)}`,
    "    workdir: ~/ # where the agent starts; must exist",
  ]);
  const text = [
    "# yaml-language-server: $schema=./roster.schema.json",
    "# One agent for each CLI that mosaic wizard found on this host. This file is yours: mosaic never overwrites it unasked.",
    "# After a change: mosaic agent roster (is it valid?), then mosaic fleet restart.",
    "version: 1",
    "socket: mosaic-factory # tmux -L mosaic-factory; your own tmux server is never touched",
    "",
    "agents:",
    ...lines,
    "",
  ].join("\n");
  const agents = found.map(({ name }) => ({ name, runtime: name }));
  return { name: foundProfile, agents, text };
}

/** A folder's name may hold anything, also what would end a comment. */
function commentOf(path: string | undefined): string {
  return path !== undefined && /^[\w./+@~-]+$/.test(path) ? ` # ${path}` : "";
}
