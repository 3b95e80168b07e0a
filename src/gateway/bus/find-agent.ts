// On which host of the team an agent is.
import { Problem } from "../problem.ts";
import type { Gateway } from "../gateway.ts";
import { hostId } from "./presence.ts";

/** `here`, or another host that is up. `host` is a name or an id; without one the agent is looked for here first. Throws Problem. */
export async function findAgent(
  { ctx, fleet, presence }: Pick<Gateway, "ctx" | "fleet" | "presence">,
  { name, host }: { name: string; host: string | undefined },
): Promise<"here" | { id: string; name: string }> {
  if (
    host === undefined ||
    host === hostId(ctx) ||
    (host === ctx.host.name && presence === undefined)
  ) {
    if (await fleet.has(name)) return "here";
  }
  const hosts = (await presence?.look()) ?? [];
  const having = hosts.filter(
    ({ id, name: called, agents }) =>
      (host === undefined || host === called || host === id) &&
      agents.some((agent) => agent.name === name),
  );
  const up = having.filter(({ state, isHere }) => state === "up" || isHere);
  const [one] = up;
  if (one === undefined) throw nobodyHas(having[0]);
  if (up.length === 1) return one.isHere ? "here" : { id: one.id, name: one.name };
  const names = up.map((each) => `${each.name} (${each.id})`).join(", ");
  throw new Problem("conflict", `several hosts have an agent of this name, so say host=: ${names}`);
}

function nobodyHas(host: { name: string; state: string } | undefined): Problem {
  if (host === undefined) return new Problem("not-found", "no roster has an agent of this name");
  if (host.state !== "unknown") {
    return new Problem("not-running", `the gateway of ${host.name} does not run`);
  }
  const words = `Valkey is away, through which ${host.name} is seen`;
  return new Problem("unavailable", words, { retryAfterSeconds: 5 });
}
