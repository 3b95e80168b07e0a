// Has the messages of an agent delivered by a process of its own, for callers that must not wait.
import type { Context } from "../context.ts";
import type { Roster } from "../domain/roster.ts";

/** In the environment of one that is in a unit of its own. */
const moved = "MOSAIC_DELIVER_UNIT";

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

/**
 * A service of its own, which systemd starts again when it is killed (and not when it ends by itself). The script that types
 * is not ended with it: that would leave a text without its Enter.
 */
const properties = [
  "Restart=on-abnormal",
  "RestartSec=5s",
  "KillMode=process",
  "StandardOutput=null",
  "StandardError=null",
];

/** What it has of our environment; systemd keeps it in a file, so no secret may be among it. By name alone: no argv has it. */
const needed =
  /^(PATH|HOME|USER|TZ|LANG|LC_[A-Z]+|XDG_[A-Z_]+|TMUX_TMPDIR|MOSAIC_(HOME|STATE|BIN|SOCKET|SUPERVISOR|DELIVER_UNIT))$/;

/** True when a service of its own delivers now; false when nobody can be asked for one. */
export async function movedAway(
  ctx: Context,
  { agent, supervisor }: { agent: string; supervisor: Roster["supervisor"] },
): Promise<boolean> {
  const { XDG_RUNTIME_DIR: runtime = "", [moved]: isMoved } = ctx.env;
  if (isMoved !== undefined || supervisor === "builtin" || runtime === "") return false;
  if ((await ctx.files.stat(`${runtime}/systemd/private`)) === undefined) return false;
  const env = { ...deliveryEnv(ctx), [moved]: "1" };
  const unit = `mosaic-deliver-${agent}-${ctx.randomHex(8)}.service`;
  const wrap = ["systemd-run", "--user", "--quiet", "--collect", `--unit=${unit}`];
  const how = properties.flatMap((property) => ["-p", property]);
  const names = Object.keys(env).filter((name) => needed.test(name));
  const deliverer = ["--working-directory=/", "--", ...ctx.paths.self, "agent", "deliver", agent];
  const argv = [...wrap, ...how, ...names.map((name) => `--setenv=${name}`), ...deliverer];
  const done = await ctx.exec(argv, { env, timeoutMs: patienceMs, isDetached: true });
  return done.exitCode === 0;
}

function deliveryEnv(ctx: Context): Record<string, string> {
  const env = Object.entries(ctx.env).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    // Whatever carries the mark of an agent's run is ended with it.
    return value !== undefined && !agentOnly.includes(name);
  });
  return Object.fromEntries(env);
}
