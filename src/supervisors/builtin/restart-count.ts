// How often an agent was restarted, kept beside it: a supervisor that is killed must not make the next one, which takes the
// living agent over, forget it.
import type { Context } from "../../context.ts";
import { agentFiles } from "../../domain/names.ts";
import { AppError } from "../../errors.ts";
import { instanceOf } from "../agent-lock.ts";
import type { LauncherOptions } from "./launcher.ts";
import { type Managed, phaseOf } from "./managed.ts";

/** Once it is up: keeps the count, or takes over that of the supervisor before us. What is lost of it is a number. */
export async function countRestarts(
  ctx: Context,
  managed: Managed,
  { apply, report }: Pick<LauncherOptions, "apply" | "report">,
): Promise<void> {
  const { name, isAdopted, restarts } = managed.unit;
  try {
    if (!isAdopted && restarts > 0) await keepRestarts(ctx, { name, restarts });
    if (!isAdopted) return;
    const kept = await keptRestarts(ctx, name);
    if (kept > 0 && phaseOf(managed) === "running") {
      apply(managed, { kind: "counted", restarts: kept });
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    report(`${name}: its count of restarts is not kept: ${error.message}`);
  }
}

function fileOf(ctx: Context, agent: string): string {
  return `${agentFiles(ctx.paths, agent).dir}/restarts`;
}

/** For the run of the agent that lives now. Throws AppError when it cannot be written. */
async function keepRestarts(
  ctx: Context,
  { name, restarts }: { name: string; restarts: number },
): Promise<void> {
  const instance = await instanceOf(ctx, name);
  await ctx.files.write(fileOf(ctx, name), `${restarts} ${instance}`, 0o600);
}

/** 0 when nothing was kept for the run that lives now. */
async function keptRestarts(ctx: Context, name: string): Promise<number> {
  const [count = "", ...instance] = ((await ctx.files.readText(fileOf(ctx, name))) ?? "").split(
    " ",
  );
  const isOfThisRun = instance.join(" ") === (await instanceOf(ctx, name));
  return isOfThisRun && /^\d+$/.test(count) ? Number(count) : 0;
}
