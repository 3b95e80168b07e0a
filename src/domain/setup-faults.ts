// Everything that stands in the way of a first run, each told in words. Pure.
import { type SetupAnswers, type SetupFacts, type SetupStep, setupSteps } from "./setup-model.ts";
import { suggest } from "./suggest.ts";

export interface SetupChoice {
  answers: SetupAnswers;
  chosen: readonly SetupStep[];
  /** Of a roster that is there, or will be. */
  hasAgents: boolean;
}

/** Every fault at once; empty when there is none. */
export function faultsOf(facts: SetupFacts, choice: SetupChoice): string[] {
  const { answers, chosen } = choice;
  const { systemd, hooks, completions } = facts;
  const faults = [...stepFaults(answers, chosen), ...rosterFaults(facts, choice)];
  if (chosen.includes("systemd") && systemd.fault !== "") faults.push(`systemd: ${systemd.fault}`);
  if (chosen.includes("hooks") && hooks.fault !== "") faults.push(hooks.fault);
  if (chosen.includes("completions") && completions.file === undefined) {
    faults.push("completions: your shell is not known (mosaic completions --help)");
  }
  const closed = facts.unwritable.filter(({ steps }) =>
    steps.some((step) => chosen.includes(step)),
  );
  faults.push(...closed.map(({ folder, why }) => `${folder} ${why}`));
  // What is set and wrong is a fault whatever is chosen: nobody set it for nothing.
  const gateway = chosen.includes("gateway") ? facts.gateway.faults : [];
  return [...new Set([...faults, ...facts.settingFaults, ...gateway])];
}

function stepFaults({ steps, start }: SetupAnswers, chosen: readonly SetupStep[]): string[] {
  const unknown = steps.filter((step) => !setupSteps.some((known) => known === step));
  if (chosen.length === 0 && unknown.length === 0 && !start) return ["no step is chosen"];
  return unknown.map((step) => {
    const near = suggest(step, setupSteps);
    const meant = near === undefined ? `steps: ${setupSteps.join(", ")}` : `did you mean ${near}?`;
    return `there is no step ${JSON.stringify(step)} (${meant})`;
  });
}

function rosterFaults(facts: SetupFacts, { answers, chosen, hasAgents }: SetupChoice): string[] {
  const { fault } = facts.roster;
  const faults = [];
  const profiles = facts.profiles.map(({ name }) => name);
  if (!profiles.includes(answers.profile)) {
    const near = suggest(answers.profile, profiles);
    const meant = near === undefined ? `profiles: ${profiles.join(", ")}` : `did you mean ${near}?`;
    faults.push(`there is no profile ${JSON.stringify(answers.profile)} (${meant})`);
  }
  const needsRoster = answers.start || chosen.includes("systemd");
  if ((needsRoster || chosen.includes("roster")) && fault !== "") faults.push(fault);
  if (needsRoster && !hasAgents && fault === "" && !chosen.includes("roster")) {
    faults.push("there is no roster yet (choose the step roster too)");
  }
  return faults;
}
