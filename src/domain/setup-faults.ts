// Everything that stands in the way of a first run, each told in words. Pure.
import { type SetupAnswers, type SetupFacts, type SetupStep, setupSteps } from "./setup-model.ts";
import { foundProfile } from "./found-roster.ts";
import { suggest } from "./suggest.ts";

export interface SetupChoice {
  answers: SetupAnswers;
  chosen: readonly SetupStep[];
  /** Of a roster that is there, or will be. */
  hasAgents: boolean;
}

/** As doctor says it. */
export const tmuxInstall = "apt-get install tmux";

/** Every fault at once; empty when there is none. */
export function faultsOf(facts: SetupFacts, choice: SetupChoice): string[] {
  const { answers, chosen } = choice;
  const { hooks } = facts;
  const faults = [...stepFaults(answers, chosen), ...rosterFaults(facts, choice)];
  for (const step of chosen) {
    const fault = whyNot(step, facts);
    if (fault !== undefined) faults.push(`${step}: ${fault}`);
  }
  if (answers.start && !facts.hasTmux) {
    faults.push(`start: tmux is not installed (${tmuxInstall}), and without it no fleet starts`);
  }
  if (chosen.includes("hooks") && hooks.fault !== "") faults.push(hooks.fault);
  const closed = facts.unwritable.filter(({ steps }) =>
    steps.some((step) => chosen.includes(step)),
  );
  faults.push(...closed.map(({ folder, why }) => `${folder} ${why}`));
  // What is set and wrong is a fault whatever is chosen: nobody set it for nothing.
  const gateway = chosen.includes("gateway") ? facts.gateway.faults : [];
  return [...new Set([...faults, ...facts.settingFaults, ...gateway])];
}

function stepFaults({ steps, start }: SetupAnswers, chosen: readonly SetupStep[]): string[] {
  const unknown = unknownSteps(steps);
  return chosen.length === 0 && unknown.length === 0 && !start ? ["no step is chosen"] : unknown;
}

function unknownSteps(steps: readonly string[]): string[] {
  const unknown = steps.filter((step) => !setupSteps.some((known) => known === step));
  return unknown.map((step) => {
    const near = suggest(step, setupSteps);
    const meant = near === undefined ? `steps: ${setupSteps.join(", ")}` : `did you mean ${near}?`;
    return `there is no step ${JSON.stringify(step)} (${meant})`;
  });
}

/** What a person named that does not exist, or that this host cannot take: no answer to a question mends that. */
export function namedFaults(facts: SetupFacts, answers: SetupAnswers): string[] {
  const { steps, profile } = answers;
  const named = setupSteps.filter((step) => steps.includes(step));
  const impossible = named.flatMap((step) => {
    const fault = whyNot(step, facts);
    return fault === undefined ? [] : [`${step}: ${fault}`];
  });
  return [...unknownSteps(steps), ...profileFaults(facts, profile), ...impossible];
}

/** Why this host cannot take a step; undefined when it can. */
export function whyNot(step: SetupStep, { systemd, completions }: SetupFacts): string | undefined {
  if (step === "systemd" && systemd.fault !== "") return systemd.fault;
  if (step === "completions" && completions.fault !== "") return completions.fault;
  return undefined;
}

function profileFaults({ profiles, runtimes }: SetupFacts, profile: string): string[] {
  const names = profiles.map(({ name }) => name);
  if (names.includes(profile)) return [];
  if (profile === foundProfile) {
    const looked = runtimes.map(({ name }) => name).join(", ");
    const [first] = runtimes;
    const install = first === undefined ? "" : `${first.installHint}, or `;
    return [
      `no agent's CLI was found on PATH to start from (looked for: ${looked}); ${install}take --profile demo, which needs none`,
    ];
  }
  const near = suggest(profile, names);
  const meant = near === undefined ? `profiles: ${names.join(", ")}` : `did you mean ${near}?`;
  return [`there is no profile ${JSON.stringify(profile)} (${meant})`];
}

function rosterFaults(facts: SetupFacts, { answers, chosen, hasAgents }: SetupChoice): string[] {
  const { fault } = facts.roster;
  const faults = profileFaults(facts, answers.profile);
  const needsRoster = answers.start || chosen.includes("systemd");
  if ((needsRoster || chosen.includes("roster")) && fault !== "") faults.push(fault);
  if (needsRoster && !hasAgents && fault === "" && !chosen.includes("roster")) {
    faults.push("there is no roster yet (choose the step roster too)");
  }
  return faults;
}
