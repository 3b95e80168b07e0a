// Has the messages of an agent delivered by a process of its own, for callers that must not wait.
import type { Context } from "../context.ts";
import type { Roster } from "../domain/roster.ts";

/** In the environment of one that is in a scope of its own. */
const moved = "MOSAIC_DELIVER_SCOPE";

const patienceMs = 5_000;

/** What an agent's environment has on top of that of its fleet. */
const agentOnly = ["MOSAIC_INSTANCE", "MOSAIC_AGENT", "MOSAIC_HOOK_STATE"];

/** At once, and without a word: what becomes of the messages stands in their receipts. */
export function startDelivery(ctx: Context, agent: string): void {
  const argv = [...ctx.paths.self, "agent", "deliver", agent];
  ctx.spawn(argv, { env: deliveryEnv(ctx), cwd: "/", detachedLog: "/dev/null" });
}

/** For one who ends now: under systemd all that a unit started is ended with it, so this waits until it is out of there. */
export async function leaveDelivery(
  ctx: Context,
  delivery: { agent: string; supervisor: Roster["supervisor"] },
): Promise<void> {
  if (!(await movedAway(ctx, delivery))) startDelivery(ctx, delivery.agent);
}

/** True when a process in a scope of its own delivers now; false when nobody can be asked for one. */
export async function movedAway(
  ctx: Context,
  { agent, supervisor }: { agent: string; supervisor: Roster["supervisor"] },
): Promise<boolean> {
  const { XDG_RUNTIME_DIR: runtime = "", [moved]: isMoved } = ctx.env;
  if (isMoved !== undefined || supervisor === "builtin" || runtime === "") return false;
  if ((await ctx.files.stat(`${runtime}/systemd/private`)) === undefined) return false;
  const scope = `mosaic-deliver-${agent}-${ctx.randomHex(8)}.scope`;
  const wrap = ["systemd-run", "--user", "--scope", "--quiet", "--collect", `--unit=${scope}`];
  const child = ctx.spawn([...wrap, "--", ...ctx.paths.self, "agent", "deliver", agent], {
    env: { ...deliveryEnv(ctx), [moved]: "1" },
    cwd: "/",
    detachedLog: "/dev/null",
  });
  const end = { has: false };
  void child.exited.then(() => (end.has = true));
  const until = ctx.clock.monotonic() + patienceMs;
  while (!end.has && ctx.clock.monotonic() < until) {
    const cgroup = await ctx.files.readText(`/proc/${child.pid}/cgroup`);
    if (cgroup?.includes(scope) === true) return true;
    await ctx.clock.sleep(5);
  }
  return false;
}

function deliveryEnv(ctx: Context): Record<string, string> {
  const env = Object.entries(ctx.env).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    // Whatever carries the mark of an agent's run is ended with it.
    return value !== undefined && !agentOnly.includes(name);
  });
  return Object.fromEntries(env);
}
