// The questions of the wizard, one after the other, each with a way back. What is there already is not asked again.
// Over 200 lines because every question stands here, in its order.
import type { Choice, Context } from "../context.ts";
import { passwordFaults } from "../domain/password.ts";
import { secretOf } from "../domain/secret.ts";
import { settings } from "../domain/settings.ts";
import { readSetting } from "../domain/settings-resolve.ts";
import {
  type SetupAnswers,
  type SetupFacts,
  type SetupStep,
  setupSteps,
  tilde,
  usualSteps,
} from "../domain/setup.ts";

type Answer = { answers: SetupAnswers } | "back" | "cancel";

interface Question {
  isAsked: (facts: SetupFacts, answers: SetupAnswers) => boolean;
  ask: (ctx: Context, facts: SetupFacts, answers: SetupAnswers) => Promise<Answer>;
}

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
  gateway: "Gateway (HTTP)",
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
        initial: answers.steps,
      });
      return steps === undefined ? "cancel" : { answers: { ...answers, steps } };
    },
  },
  {
    isAsked: ({ roster }, { steps }) => steps.includes("roster") && roster.agents === undefined,
    async ask({ prompts }, { profiles, runtimes }, answers) {
      const choices = profiles.map(({ name, agents }) => {
        const used = [...new Set(agents.map(({ runtime }) => runtime))];
        const missing = runtimes.filter((one) => one.path === undefined && used.includes(one.name));
        const lacks = missing.map((one) => one.name).join(", ");
        const hint =
          lacks === "" ? `${agents.length} × ${used.join(", ")}` : `not installed yet: ${lacks}`;
        return { value: name, label: name, hint };
      });
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

/** An input of the gateway's install, asked where it has no administrator. */
function adminQuestion(key: AdminKey, message: string): Question {
  const { isSecret } = settings[key];
  return {
    isAsked: ({ gateway }, { steps }) => steps.includes("gateway") && gateway.needsAdmin,
    async ask({ prompts, env }, _, answers) {
      const { name, email } = answers.admin;
      const known = { "admin.name": name, "admin.email": email, "admin.password": undefined };
      const text = await prompts.askText({
        message: `${message} (Empty goes back.)`,
        initial: known[key] ?? (isSecret ? "" : (env[settings[key].variable] ?? "")),
        isSecret,
        fault: (given) => (given === "" ? undefined : adminFault(key, given, email)),
      });
      if (text === undefined) return "cancel";
      if (text === "") return "back";
      const field = key.slice("admin.".length);
      const admin = { ...answers.admin, [field]: isSecret ? secretOf(text) : text.trim() };
      return { answers: { ...answers, admin } };
    },
  };
}

type AdminKey = "admin.name" | "admin.email" | "admin.password";

function adminFault(key: AdminKey, text: string, email: string | undefined): string | undefined {
  if (key === "admin.password") return passwordFaults(text, { email: email ?? "" })[0];
  const read = readSetting(key, text);
  return "expected" in read ? `expected ${read.expected}` : undefined;
}

function answerOf(value: string | undefined, answers: (value: string) => SetupAnswers): Answer {
  if (value === undefined) return "cancel";
  return value === "back" ? "back" : { answers: answers(value) };
}

/** Why a step is not offered on this host; undefined when it is. */
export function whyNot(step: SetupStep, { systemd, completions }: SetupFacts): string | undefined {
  if (step === "systemd" && systemd.fault !== "") return systemd.fault;
  if (step === "completions" && completions.file === undefined) return "your shell is not known";
  return undefined;
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
