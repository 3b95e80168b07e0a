// The moment at which another version comes into use, and what an update that died there has left to do.
import * as v from "valibot";
import type { Context } from "../context.ts";
import { versionPattern } from "../domain/release.ts";
import { AppError } from "../errors.ts";
import { bringGatewayBack, gatewayRuns } from "./settle-gateway.ts";
import { type Installation, linkedVersion, useVersion, versionFile } from "./installation.ts";

/** Settling waits for supervisors and a gateway, each for half a minute at most. */
const settleTimeoutMs = 180_000;

interface Switch {
  installation: Installation;
  from: string;
  to: string;
}

/** Writes down what is about to happen, remembers the way back, and switches. */
export async function switchTo(ctx: Context, { installation, from, to }: Switch): Promise<void> {
  const { root, previous } = installation;
  const hadGateway = await gatewayRuns(ctx);
  const before = await linkedVersion(ctx, previous);
  const plan = { schemaVersion: 1, from, to, before, hadGateway, startedAt: ctx.clock.now() };
  await ctx.files.write(`${root}/update.json`, `${JSON.stringify(plan)}\n`, 0o644);
  await ctx.files.writeLink(previous, `versions/${from}/mosaic`);
  await useVersion(ctx, installation, to);
}

/** Has a version bring the rest of the machine up to itself; undefined when all is well, else why not. */
export async function settleAs(
  ctx: Context,
  installation: Installation,
  version: string,
): Promise<string | undefined> {
  ctx.io.progress(`settling ${version} …`);
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(ctx.env)) if (value !== undefined) env[name] = value;
  // By the link: what it writes into units has to lead there.
  const argv = [installation.link, "settle"];
  const done = await ctx.exec(argv, { env, timeoutMs: settleTimeoutMs });
  ctx.io.progress("");
  if (done.exitCode === 0) {
    if (done.stderr !== "") ctx.io.err(done.stderr);
    return undefined;
  }
  if (done.timedOut) return `it did not settle within ${settleTimeoutMs / 1000} s`;
  const words = done.stderr.trim().split("\n").slice(0, 3).join("; ");
  return `exit ${done.exitCode ?? done.signal}: ${words}`;
}

/**
 * After a switch that failed: the former version is in use again, with the gateway that ran before the switch, and the one
 * before it is what `--rollback` leads to. undefined when all of that is well, else what is not.
 */
export async function takeBack(
  ctx: Context,
  installation: Installation,
): Promise<string | undefined> {
  const plan = await planOf(ctx, installation);
  if (plan === undefined) throw new Error("nothing was switched");
  const { root, previous } = installation;
  await useVersion(ctx, installation, plan.from);
  if (plan.before === undefined) await ctx.files.remove(previous);
  else await ctx.files.writeLink(previous, `versions/${plan.before}/mosaic`);
  const fault = await settleAs(ctx, installation, plan.from);
  const without = plan.hadGateway ? await bringGatewayBack(ctx, installation.link) : undefined;
  await ctx.files.remove(`${root}/update.json`);
  const faults = [fault, without].filter((text) => text !== undefined);
  return faults.length === 0 ? undefined : faults.join("; ");
}

/** Completes, or takes back, an update that was killed at or after its switch. Without one it does nothing. */
export async function finishInterrupted(ctx: Context, installation: Installation): Promise<void> {
  const plan = await planOf(ctx, installation);
  if (plan === undefined) return;
  const current = await linkedVersion(ctx, installation.link);
  if (current === undefined) return;
  const { from, hadGateway } = plan;
  ctx.io.err(`an update was interrupted; completing it as mosaic ${current}\n`);
  const settled = await settleAs(ctx, installation, current);
  const isDown = settled === undefined && hadGateway;
  const fault = isDown ? await bringGatewayBack(ctx, installation.link) : settled;
  if (fault === undefined || current === from) {
    await ctx.files.remove(`${installation.root}/update.json`);
    return;
  }
  if (!(await ctx.files.isExecutable(versionFile(installation, from)))) {
    await ctx.files.remove(`${installation.root}/update.json`);
    throw new AppError(`the interrupted update cannot be completed: ${fault}`);
  }
  await takeBack(ctx, installation);
  ctx.io.err(`it did not come up (${fault}); mosaic ${from} is in use again\n`);
}

const planSchema = v.object({
  from: v.pipe(v.string(), v.regex(versionPattern)),
  /** What `previous` led to before the switch. */
  before: v.optional(v.pipe(v.string(), v.regex(versionPattern))),
  hadGateway: v.optional(v.boolean(), false),
});

/** What an update wrote down before its switch; undefined when none is under way. */
async function planOf(ctx: Context, { root }: Installation) {
  const text = await ctx.files.readText(`${root}/update.json`);
  if (text === undefined) return undefined;
  try {
    const parsed = v.safeParse(planSchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    // Not whole, so nothing was switched: it is written before, by rename.
    return undefined;
  }
}
