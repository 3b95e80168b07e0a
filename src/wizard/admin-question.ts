// The questions for the gateway's first administrator, as its install would find them in the environment.
import type { Context } from "../context.ts";
import { passwordFaults } from "../domain/password.ts";
import { secretOf } from "../domain/secret.ts";
import { settings } from "../domain/settings.ts";
import { readSetting } from "../domain/settings-resolve.ts";
import type { SetupAnswers, SetupFacts } from "../domain/setup-model.ts";

/** What a person answered, or where they want to go. */
export type Answer = { answers: SetupAnswers } | "back" | "cancel";

/** One question of the wizard. */
export interface Question {
  isAsked: (facts: SetupFacts, answers: SetupAnswers) => boolean;
  ask: (ctx: Context, facts: SetupFacts, answers: SetupAnswers) => Promise<Answer>;
}

/** An input of the gateway's install, asked where it has no administrator. */
export function adminQuestion(key: AdminKey, message: string): Question {
  const { isSecret } = settings[key];
  return {
    isAsked: ({ gateway }, { steps }) => steps.includes("gateway") && gateway.needsAdmin,
    async ask(context, facts, answers) {
      const { prompts, env } = context;
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
      if (isSecret) {
        // Nobody sees what was typed, and one who mistyped could not log in.
        const again = await prompts.askText({
          message: "The same password once more? (Empty goes back.)",
          initial: "",
          isSecret,
          fault: (given) => (given === "" || given === text ? undefined : "not the same"),
        });
        if (again === undefined) return "cancel";
        if (again === "") return await this.ask(context, facts, answers);
      }
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
