// Questions to a person at a terminal: @clack/prompts, on standard error, since standard output is for data. Loaded with the
// first question only.
import type { Choice, Prompts } from "../context.ts";

/** The real prompts. Ctrl-C and Escape give up: undefined. */
export const prompts: Prompts = {
  async begin(title) {
    (await load()).intro(title, { output: process.stderr });
  },
  note(title, lines) {
    loaded?.note(lines.join("\n"), title, { output: process.stderr, format: (line) => line });
  },
  end(text) {
    loaded?.outro(text, { output: process.stderr });
  },
  async chooseOne({ message, choices, initial }) {
    const clack = await load();
    const options = choices.map(optionOf);
    const value = await clack.select({ message, options, initialValue: initial, ...terminal() });
    return typeof value === "string" ? value : undefined;
  },
  async askText({ message, initial, isSecret, fault }) {
    const clack = await load();
    const validate = (text: string | undefined) => fault(text ?? "");
    const value = isSecret
      ? await clack.password({ message, validate, ...terminal() })
      : await clack.text({ message, initialValue: initial, validate, ...terminal() });
    return typeof value === "string" ? value : undefined;
  },
  async chooseSeveral({ message, choices, initial }) {
    const clack = await load();
    const options = choices.map(optionOf);
    const initialValues = [...initial];
    const value = await clack.multiselect({ message, options, initialValues, ...terminal() });
    return Array.isArray(value) ? value : undefined;
  },
};

let loaded: typeof import("@clack/prompts") | undefined;

async function load() {
  loaded ??= await import("@clack/prompts");
  return loaded;
}

function terminal() {
  return { input: process.stdin, output: process.stderr };
}

function optionOf({ value, label, hint }: Choice) {
  return hint === undefined || hint === "" ? { value, label } : { value, label, hint };
}
