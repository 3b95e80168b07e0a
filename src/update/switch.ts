// The moment at which another version comes into use, and what an update that died there has left to do.
import type { Context } from "../context.ts";
import { versionPattern } from "../domain/release.ts";
import { AppError } from "../errors.ts";
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
  const plan = { schemaVersion: 1, from, to, startedAt: ctx.clock.now() };
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

/** Completes, or takes back, an update that was killed at or after its switch. Without one it does nothing. */
export async function finishInterrupted(ctx: Context, installation: Installation): Promise<void> {
  const file = `${installation.root}/update.json`;
  const from = /"from":"([^"]+)"/.exec((await ctx.files.readText(file)) ?? "")?.[1];
  if (from === undefined) return;
  const current = await linkedVersion(ctx, installation.link);
  if (current === undefined) return;
  ctx.io.err(`an update was interrupted; completing it as mosaic ${current}\n`);
  const fault = await settleAs(ctx, installation, current);
  if (fault !== undefined && current !== from) await takeBack(ctx, { installation, from, fault });
  await ctx.files.remove(file);
}

async function takeBack(
  ctx: Context,
  { installation, from, fault }: { installation: Installation; from: string; fault: string },
): Promise<void> {
  const isThere =
    versionPattern.test(from) && (await ctx.files.isExecutable(versionFile(installation, from)));
  if (!isThere) throw new AppError(`the interrupted update cannot be completed: ${fault}`);
  await useVersion(ctx, installation, from);
  await settleAs(ctx, installation, from);
  ctx.io.err(`it did not come up (${fault}); mosaic ${from} is in use again\n`);
}
