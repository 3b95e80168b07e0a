// The questions of the wizard, one after the other, each with a way back. What is there already is not asked again.
// Over 200 lines because every question stands here, in its order.
import type { Choice, Context } from "../context.ts";
import { foundProfile } from "../domain/found-roster.ts";
import { usualSteps } from "../domain/setup.ts";
import { whyNot } from "../domain/setup-faults.ts";
import {
  type SetupAnswers,
  type SetupFacts,
  type SetupProfile,
  type SetupStep,
  setupSteps,
} from "../domain/setup-model.ts";
import { tilde } from "../domain/setup-text.ts";
import { adminQuestion, type Answer, type Question } from "./admin-question.ts";

const back: Choice = { value: "back", label: "Back", hint: "to the question before" };

/** The answers; undefined when the person gave up. `from` is the question to begin at: 0, or the last one after a look at the plan. */
export async function askAnswers(
  ctx: Context,
  { facts, answers, from }: { facts: SetupFacts; answers: SetupAnswers; from: "first" | "last" },
): Promise<SetupAnswers | undefined> {
  let given = answers;
  let at = from === "first" ? 0 : questions.length - 1;
  let direction = from === "first" ? 1 : -1;
  while (at < questions.length) {
    const question = questions[Math.max(0, at)];
    if (question?.isAsked(facts, given) === true) {
      const answer = await question.ask(ctx, facts, given);
      if (answer === "cancel") return undefined;
      direction = answer === "back" ? -1 : 1;
      if (answer !== "back") given = answer.answers;
    } else if (at <= 0) {
      direction = 1;
    }
    at = Math.max(0, at + direction);
  }
  return given;
}

const labels: Readonly<Record<SetupStep, string>> = {
  framework: "Tools of the fleet",
  roster: "Roster of agents",
  systemd: "systemd units",
  hooks: "Hooks of Claude Code",
  gateway: "Gateway over HTTP",
  completions: "Shell completions",
};

const questions: readonly Question[] = [
  {
    isAsked: () => true,
    async ask({ prompts }, facts, answers) {
      const offered = setupSteps.filter((step) => whyNot(step, facts) === undefined);
      const steps = await prompts.chooseSeveral({
        message: "What shall be set up?",
        choices: offered.map((step) => ({
          value: step,
          label: labels[step],
          hint: hintOf(step, facts),
        })),
        // One that is asked for and cannot be taken was told in front of the questions.
        initial: answers.steps.filter((step) => offered.some((one) => one === step)),
      });
      return steps === undefined ? "cancel" : { answers: { ...answers, steps } };
    },
  },
  {
    isAsked: ({ roster }, { steps }) => steps.includes("roster") && roster.agents === undefined,
    async ask({ prompts }, facts, answers) {
      const choices = facts.profiles.map((profile) => ({
        value: profile.name,
        label: profile.name,
        hint: agentsHint(profile, facts),
      }));
      const message = "Which agents? The roster is yours to edit later.";
      const profile = await prompts.chooseOne({
        message,
        choices: [...choices, back],
        initial: answers.profile,
      });
      return answerOf(profile, (value) => ({ ...answers, profile: value }));
    },
  },
  {
    isAsked: (_, { steps }) => steps.includes("hooks"),
    async ask({ prompts }, { hooks }, answers) {
      const guard = answers.guard ?? hooks.isGuarding;
      const log = answers.log ?? hooks.isLogging;
      const value = await prompts.chooseOne({
        message: "State reporting is on. Which other hooks in your Claude Code sessions?",
        choices: [
          { value: "none", label: "None" },
          {
            value: "guard",
            label: "Secrets guard",
            hint: "no writing into .env, keys and the like",
          },
          { value: "log", label: "Session log", hint: "who and when, never a text" },
          { value: "both", label: "Both" },
          back,
        ],
        initial: guard ? (log ? "both" : "guard") : log ? "log" : "none",
      });
      return answerOf(value, (word) => ({
        ...answers,
        guard: word === "guard" || word === "both",
        log: word === "log" || word === "both",
      }));
    },
  },
  adminQuestion("admin.name", "Name of the gateway's first administrator?"),
  adminQuestion("admin.email", "E-mail, to log in with?"),
  adminQuestion("admin.password", "Password, at least 8 characters?"),
  {
    isAsked: ({ roster }, { steps }) => roster.agents !== undefined || steps.includes("roster"),
    async ask({ prompts }, _, answers) {
      const value = await prompts.chooseOne({
        message: "Start the fleet when all is set up?",
        choices: [
          { value: "yes", label: "Yes", hint: "and prove that it runs" },
          { value: "no", label: "No", hint: "mosaic fleet start does it later" },
          back,
        ],
        initial: answers.start ? "yes" : "no",
      });
      return answerOf(value, (word) => ({ ...answers, start: word === "yes" }));
    },
  },
];

function answerOf(value: string | undefined, answers: (value: string) => SetupAnswers): Answer {
  if (value === undefined) return "cancel";
  return value === "back" ? "back" : { answers: answers(value) };
}

/** `2 × canary`, `one for each of claude, pi`, `not installed yet: pi`. */
function agentsHint({ name, agents }: SetupProfile, { runtimes }: SetupFacts): string {
  const used = [...new Set(agents.map(({ runtime }) => runtime))];
  if (name === foundProfile) return `what is installed here: ${used.join(", ")}`;
  const missing = runtimes.filter((one) => one.path === undefined && used.includes(one.name));
  const lacks = missing.map((one) => one.name).join(", ");
  return lacks === "" ? `${agents.length} × ${used.join(", ")}` : `not installed yet: ${lacks}`;
}

/** What a run begins with. */
export function firstAnswers(facts: SetupFacts): SetupAnswers {
  const profile = facts.profiles[0]?.name ?? "";
  const steps = usualSteps(facts);
  return { steps, profile, guard: undefined, log: undefined, admin: {}, start: false };
}

function hintOf(
  step: SetupStep,
  { framework, roster, hooks, completions, home }: SetupFacts,
): string {
  switch (step) {
    case "framework":
      return framework.length === 0 ? "there already" : `${framework.length} files`;
    case "roster":
      return roster.agents === undefined ? "the agents of this host" : "there already, and kept";
    case "systemd":
      return "so that agents outlive a logout and a reboot";
    case "gateway":
      return "accounts and tokens for a team, or a browser";
    case "hooks":
      return hooks.files.length === 0 ? "there already" : tilde(hooks.dir, home);
    default:
      return completions.isThere ? "there already" : "";
  }
}
