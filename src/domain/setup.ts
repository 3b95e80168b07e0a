// The first run as one plan: what is known of the host and what was answered become steps with their files and commands.
// The wizard and a headless run show this plan and apply it. Pure.
import { faultsOf, tmuxInstall, whyNot } from "./setup-faults.ts";
import {
  type SetupAgent,
  type SetupAnswers,
  type SetupFacts,
  type SetupPlan,
  type SetupStep,
  setupSteps,
  type SkippedStep,
} from "./setup-model.ts";
import { startStep, stepOf } from "./setup-steps.ts";

/** What would be done. A step with neither files nor commands is as it should be. */
export function planSetup(facts: SetupFacts, answers: SetupAnswers): SetupPlan {
  const named = setupSteps.filter((step) => answers.steps.includes(step));
  const chosen = withFramework(named, facts);
  const profile = facts.profiles.find(({ name }) => name === answers.profile);
  const isNew = facts.roster.agents === undefined && chosen.includes("roster");
  const agents = facts.roster.agents ?? (isNew ? profile?.agents : undefined);
  const planning = { facts, answers, agents: agents ?? [] };
  const steps = chosen.map((step) => stepOf(step, planning));
  if (answers.start) steps.push(startStep(planning.agents));
  return {
    steps,
    skipped: setupSteps
      .filter((step) => !chosen.includes(step))
      .map((step) => skippedOf(step, facts)),
    rosterText: isNew ? (profile?.text ?? "") : "",
    faults: faultsOf(facts, { answers, chosen: named, hasAgents: agents !== undefined }),
    next: nextOf(facts, { answers, chosen, agents: planning.agents }),
  };
}

/** Whatever stands on the framework's files writes them as well: the plan says so. */
function withFramework(chosen: readonly SetupStep[], { framework }: SetupFacts): SetupStep[] {
  const needs: readonly SetupStep[] = ["roster", "systemd", "gateway"];
  const isNeeded = framework.length > 0 && chosen.some((step) => needs.includes(step));
  return setupSteps.filter((step) => chosen.includes(step) || (step === "framework" && isNeeded));
}

/** Steps that this host can take, for a run in which nobody chose any. Completions are a person's own affair. */
export function usualSteps({ systemd, gateway }: SetupFacts): SetupStep[] {
  const isThere = gateway.faults.length === 0 && !gateway.needsAdmin;
  const isUsual: Readonly<Partial<Record<SetupStep, boolean>>> = {
    completions: false,
    systemd: systemd.fault === "",
    // Without an administrator nobody could log in, so one who names none wants none.
    gateway: gateway.isGiven || isThere,
  };
  return setupSteps.filter((step) => isUsual[step] ?? true);
}

function skippedOf(name: SetupStep, facts: SetupFacts): SkippedStep {
  const fault = whyNot(name, facts);
  if (fault !== undefined) return { name, reason: fault, isPossible: false };
  const { needsAdmin, isGiven } = facts.gateway;
  const reason =
    name === "gateway" && needsAdmin && !isGiven
      ? "no administrator is named (MOSAIC_ADMIN_NAME, _EMAIL, _PASSWORD)"
      : `not chosen (mosaic wizard --only ${name})`;
  return { name, reason, isPossible: true };
}

interface Ending {
  answers: SetupAnswers;
  chosen: readonly SetupStep[];
  agents: readonly SetupAgent[];
}

function nextOf(facts: SetupFacts, { answers, chosen, agents }: Ending): string[] {
  const used = new Set(agents.map(({ runtime }) => runtime));
  const missing = facts.runtimes.filter(({ name, path }) => path === undefined && used.has(name));
  const [first] = agents;
  const install = [
    ...(facts.hasTmux ? [] : [`${tmuxInstall}   # in front of any start`]),
    ...missing.map(({ installHint, name }) => `${installHint}   # ${name}`),
  ];
  const start =
    answers.start || first === undefined ? [] : ["mosaic fleet start", "mosaic fleet verify"];
  const talk =
    first === undefined
      ? ["mosaic fleet init --profile demo --write"]
      : [
          `mosaic agent ask ${first.name} "hello"`,
          `mosaic agent attach ${first.name}   # leave with Ctrl-b d`,
        ];
  const hooks = chosen.includes("hooks") ? ["mosaic config hooks list"] : [];
  const status = facts.gateway.noService === "" ? "mosaic gateway status" : "mosaic gateway run";
  const gateway = chosen.includes("gateway") ? [status] : [];
  return [...install, ...start, ...talk, ...hooks, ...gateway, "mosaic doctor"];
}
