// Applies a plan: each step by the use case of its own command, in the plan's order.
import type { Context } from "../context.ts";
import { rosterFile } from "../domain/names.ts";
import type { PlannedStep, SetupAnswers, SetupPlan } from "../domain/setup-model.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { AppError, exitCodes } from "../errors.ts";
import { extractFramework } from "../fleet/framework.ts";
import { installHooks } from "../hooks/install.ts";
import { toggleHook } from "../hooks/toggle.ts";

/**
 * Exit code 0, or that of `fleet start` or `verify` when the fleet was to be started. Throws AppError at the first step that
 * fails; what was done until then stays, and a second run goes on from there.
 */
export async function applySetup(
  ctx: Context,
  { plan, answers }: { plan: SetupPlan; answers: SetupAnswers },
): Promise<number> {
  const quiet = quietly(ctx);
  for (const step of plan.steps) {
    // The plan that was shown says so.
    if (step.files.length === 0 && step.commands.length === 0) continue;
    ctx.io.err(`${step.name}: ${step.summary} …\n`);
    const code = await applyStep(step.name === "start" ? ctx : quiet, { step, plan, answers });
    if (code !== exitCodes.ok) return code;
  }
  return exitCodes.ok;
}

interface Applying {
  step: PlannedStep;
  plan: SetupPlan;
  answers: SetupAnswers;
}

async function applyStep(ctx: Context, { step, plan, answers }: Applying): Promise<number> {
  switch (step.name) {
    case "framework":
      await extractFramework(ctx, { force: false });
      return exitCodes.ok;
    case "roster":
      await writeRoster(ctx, plan);
      return exitCodes.ok;
    case "systemd":
      return await applySystemd(ctx, step);
    case "hooks":
      return await applyHooks(ctx, answers);
    case "gateway": {
      const { applyGateway } = await import("./gateway.ts");
      return await applyGateway(ctx, answers.admin);
    }
    case "completions":
      return await writeCompletions(ctx, step);
    default:
      return await startAndVerify(ctx);
  }
}

/** Only where there is still none: the questions may stand there for long. */
async function writeRoster(ctx: Context, { rosterText: data }: SetupPlan): Promise<void> {
  const file = rosterFile(ctx.paths);
  const swap = { expected: undefined, data, mode: 0o600, isSynced: true };
  using written = await ctx.files.swap(file, swap);
  if (written !== undefined) return;
  throw new AppError(`a roster was made meanwhile, and is kept: ${file}`, {
    exitCode: exitCodes.refused,
    hint: "mosaic wizard",
  });
}

async function applySystemd(ctx: Context, { commands }: PlannedStep): Promise<number> {
  const { installSystemd } = await import("../supervisors/systemd/install.ts");
  const code = await installSystemd(ctx, { dryRun: false, force: false });
  const linger = commands.find((command) => command.startsWith("loginctl "));
  if (code === exitCodes.ok && linger !== undefined) {
    // As who we are it is often allowed; where it is not, an administrator has to.
    const { exitCode, stderr } = await ctx.exec(linger.split(" "));
    const [words = ""] = stderr.trim().split("\n");
    const why = words === "" ? `exit ${exitCode}` : oneLine(words);
    if (exitCode !== 0) ctx.io.err(`  ${linger}: ${why}; an administrator may be allowed to\n`);
  }
  return code;
}

async function applyHooks(ctx: Context, { guard, log }: SetupAnswers): Promise<number> {
  await installHooks(ctx, { dryRun: false });
  const wanted = { "secrets-guard": guard, "session-log": log };
  for (const [name, isOn] of Object.entries(wanted)) {
    if (isOn !== undefined) await toggleHook(ctx, { name, isOn, dryRun: false });
  }
  return exitCodes.ok;
}

async function writeCompletions(ctx: Context, { files }: PlannedStep): Promise<number> {
  for (const { path, mode } of files) {
    const shell = path.endsWith(".fish") ? "fish" : "bash";
    await ctx.files.write(path, await ctx.assets.read(`completions/mosaic.${shell}`), mode);
  }
  return exitCodes.ok;
}

async function startAndVerify(ctx: Context): Promise<number> {
  const { startFleet } = await import("../fleet/start.ts");
  const { verifyFleet } = await import("../fleet/verify.ts");
  const code = await startFleet(ctx, { names: [], json: false });
  return code === exitCodes.ok ? await verifyFleet(ctx, { json: false }) : code;
}

/** What the single commands tell of what comes next is told once, at the end; warnings keep their indent. */
function quietly(ctx: Context): Context {
  const { io, paths } = ctx;
  const err = (text: string) => (text.startsWith("  ") ? io.err(text) : undefined);
  return { ...ctx, paths, io: { ...io, out: () => undefined, err } };
}
