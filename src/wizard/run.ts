// `mosaic wizard`: asks where there is a person, takes flags and the environment where there is none, and applies one and
// the same plan. Nothing is written before every answer is valid.
import type { Context } from "../context.ts";
import { planSetup } from "../domain/setup.ts";
import { namedFaults } from "../domain/setup-faults.ts";
import type { SetupAnswers, SetupFacts, SetupPlan } from "../domain/setup-model.ts";
import { planLines } from "../domain/setup-text.ts";
import { exitCodes, usageError } from "../errors.ts";
import { applySetup } from "./apply.ts";
import { gatherSetupFacts } from "./facts.ts";
import { gatewayFacts } from "./gateway.ts";
import { askAnswers, firstAnswers } from "./questions.ts";
import { mayAsk } from "./who-answers.ts";

export interface WizardOptions {
  /** Names of steps; undefined: those that this host can take. */
  only: readonly string[] | undefined;
  profile: string | undefined;
  /** undefined: not unless a person says so. */
  start: boolean | undefined;
  dryRun: boolean;
  json: boolean;
}

/**
 * Exit 0 when all is set up, 130 when the person gave up. Throws AppError (exit 2) that tells every fault at once; nothing
 * is written then.
 */
export async function runWizard(ctx: Context, options: WizardOptions): Promise<number> {
  const isAsking = mayAsk(ctx, options);
  const facts = await gatherSetupFacts(ctx);
  const answers = { ...firstAnswers(facts), ...given(options) };
  return isAsking
    ? await interactive(ctx, { facts, answers, options })
    : await headless(ctx, { facts, answers, options });
}

function given({ only, profile, start }: WizardOptions): Partial<SetupAnswers> {
  return {
    ...(only === undefined ? {} : { steps: only }),
    ...(profile === undefined ? {} : { profile }),
    ...(start === undefined ? {} : { start }),
  };
}

interface Run {
  facts: SetupFacts;
  answers: SetupAnswers;
}

async function headless(
  ctx: Context,
  { facts, answers, options }: Run & { options: WizardOptions },
): Promise<number> {
  const { dryRun, json } = options;
  const plan = planSetup(facts, answers);
  if (json && (dryRun || plan.faults.length > 0)) ctx.io.out(asJson(plan, { applied: false }));
  if (plan.faults.length > 0) throw faultError(plan);
  // Who names the steps knows what is left out.
  const left = options.only === undefined ? plan.skipped : [];
  const shown = json ? "" : `${planLines(plan, { home: facts.home, left }).join("\n")}\n`;
  if (dryRun) {
    ctx.io.out(shown);
    return exitCodes.ok;
  }
  ctx.io.err(shown);
  const code = await applySetup(json ? silent(ctx) : ctx, { plan, answers });
  if (json) ctx.io.out(asJson(plan, { applied: code === exitCodes.ok }));
  else ctx.io.err(nextText(plan));
  return code;
}

async function interactive(
  ctx: Context,
  { facts, answers: first, options }: Run & { options: WizardOptions },
): Promise<number> {
  const { prompts } = ctx;
  // What was named in vain is told before the questions, which could not mend it.
  const steps = options.only === undefined ? [] : first.steps;
  const faults = namedFaults(facts, { ...first, steps });
  if (faults.length > 0) throw faultError({ faults });
  await prompts.begin("mosaic: first run");
  const impossible = planSetup(facts, first).skipped.filter(({ isPossible }) => !isPossible);
  if (impossible.length > 0) {
    prompts.note(
      "Not on this host",
      planLines({ steps: [] }, { home: facts.home, left: impossible }),
    );
  }
  let answers = first;
  let from: "first" | "last" = "first";
  for (;;) {
    const asked = await askAnswers(ctx, { facts, answers, from });
    if (asked === undefined) return await giveUp(ctx);
    answers = asked;
    const gateway = await gatewayFacts(ctx, answers.admin);
    const plan = planSetup({ ...facts, gateway }, answers);
    const lines =
      plan.faults.length === 0 ? planLines(plan, { home: facts.home, left: [] }) : plan.faults;
    prompts.note(plan.faults.length === 0 ? "The plan" : "This cannot be done", lines);
    const apply = plan.faults.length > 0 ? [] : [{ value: "apply", label: "Apply it" }];
    const choice = await prompts.chooseOne({
      message: "Nothing has been written so far.",
      choices: [
        ...apply,
        { value: "back", label: "Back", hint: "to the question before" },
        { value: "quit", label: "Quit", hint: "and leave all as it is" },
      ],
      initial: plan.faults.length > 0 ? "back" : "apply",
    });
    if (choice === undefined || choice === "quit") return await giveUp(ctx);
    from = "last";
    if (choice !== "apply") continue;
    const code = await applySetup(ctx, { plan, answers });
    prompts.end(code === exitCodes.ok ? "Done." : "Not everything works yet: mosaic doctor");
    ctx.io.err(nextText(plan));
    return code;
  }
}

async function giveUp({ prompts }: Context): Promise<number> {
  prompts.end("Nothing was written.");
  return exitCodes.interrupted;
}

function faultError({ faults }: Pick<SetupPlan, "faults">): Error {
  const [first = ""] = faults;
  if (faults.length === 1) return usageError(first, "nothing was written");
  const lines = faults.map((fault) => `  ${fault}`);
  return usageError([`${faults.length} faults, and nothing was written`, ...lines].join("\n"));
}

function nextText({ next }: SetupPlan): string {
  return `next:\n${next.map((line) => `  ${line}\n`).join("")}`;
}

function asJson(
  { steps, skipped, faults, next }: SetupPlan,
  { applied }: { applied: boolean },
): string {
  const told = steps.map((step) => ({
    ...step,
    files: step.files.map((file) => ({ ...file, mode: file.mode.toString(8).padStart(4, "0") })),
    isDone: step.files.length === 0 && step.commands.length === 0,
  }));
  const document = { schemaVersion: 1, applied, steps: told, skipped, faults, next };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** With --json standard output has the one document. */
function silent(ctx: Context): Context {
  const { io, paths } = ctx;
  return { ...ctx, paths, io: { ...io, out: (text) => io.err(text) } };
}
