// What a rollback looks at before it switches.
import type { Context } from "../context.ts";
import { type Installation, versionFile } from "./installation.ts";
import { gatewayRuns } from "./settle-gateway.ts";
import { smokeRun } from "./smoke.ts";

export interface OldVersion {
  installation: Installation;
  /** The version in use. */
  from: string;
  to: string;
}

/** The version to go back to, tried on a copy of what a newer one wrote. Throws AppError (exit 1) when it does not do. */
export async function tryOld(ctx: Context, { installation, from, to }: OldVersion): Promise<void> {
  const work = `${installation.root}/.update-${ctx.randomHex(8)}`;
  const tolerated = await toleratedInOld(ctx);
  ctx.io.progress(`trying ${to} …`);
  await ctx.files.makeDir(work, 0o700);
  try {
    const [candidate, current] = [versionFile(installation, to), versionFile(installation, from)];
    await smokeRun(ctx, { version: to, candidate, current, work, tolerated });
  } finally {
    await ctx.files.remove(work);
    ctx.io.progress("");
  }
}

/**
 * Checks that an older version may fail on what a newer one wrote. It starts, and refuses messages; but a gateway that runs
 * has to run afterwards too.
 */
export async function toleratedInOld(ctx: Context): Promise<string[]> {
  return (await gatewayRuns(ctx)) ? ["store"] : ["store", "gateway-store"];
}
