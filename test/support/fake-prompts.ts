// Prompts for tests without a terminal: any question is a fault. Those with one run in a real tmux (test/e2e/wizard.test.ts).
import type { Prompts } from "../../src/context.ts";

export const noPrompts: Prompts = {
  begin: unexpected,
  note: () => undefined,
  end: () => undefined,
  chooseOne: unexpected,
  askText: unexpected,
  chooseSeveral: unexpected,
};

function unexpected(): Promise<never> {
  return Promise.reject(new Error("a question was asked, and nobody is there"));
}
