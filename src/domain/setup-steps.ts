// Each step of the first run: its files and commands, and the words for it. Pure.
import { agentUnit, holderUnit } from "./names.ts";
import type {
  PlannedStep,
  SetupAgent,
  SetupAnswers,
  SetupFacts,
  SetupStep,
} from "./setup-model.ts";
import { namesOf, tilde } from "./setup-text.ts";

export interface Planning {
  facts: SetupFacts;
  answers: SetupAnswers;
  /** Of the roster that is there, or will be. */
  agents: readonly SetupAgent[];
}

/** What the step would do. Without files and commands it is as it should be. */
export function stepOf(name: SetupStep, planning: Planning): PlannedStep {
  const { facts, answers } = planning;
  const asIs = { name, files: [], commands: [], notes: [], summary: "as it should be" };
  switch (name) {
    case "framework": {
      const { framework: files } = facts;
      if (files.length === 0) return asIs;
      const isNeeded = !answers.steps.includes(name);
      const summary = `write ${files.length} files: tools, examples, hooks${isNeeded ? " (other steps need them)" : ""}`;
      return { ...asIs, files, summary };
    }
    case "roster": {
      const { agents, file } = facts.roster;
      const notes = programsOf(planning);
      if (agents !== undefined) {
        return { ...asIs, notes, summary: `there already, and kept: ${namesOf(agents)}` };
      }
      const files = [{ path: file, mode: 0o600, how: "new" as const }];
      const summary = `write the roster "${answers.profile}": ${namesOf(planning.agents)}`;
      return { ...asIs, files, notes, summary };
    }
    case "systemd":
      return systemdStep(planning);
    case "hooks":
      return hooksStep(facts, answers);
    case "gateway":
      return gatewayStep(facts);
    default: {
      const { file } = facts.completions;
      if (file === undefined || facts.completions.isThere) return asIs;
      return { ...asIs, files: [file], summary: "write the completions of your shell" };
    }
  }
}

/** The last one, where a fleet is to be started. */
export function startStep(agents: readonly SetupAgent[]): PlannedStep {
  const commands = ["mosaic fleet start", "mosaic fleet verify"];
  const summary = `start and verify ${namesOf(agents)}`;
  return { name: "start", files: [], commands, notes: [], summary };
}

/** Where each CLI of the agents is. */
function programsOf({ facts, agents }: Planning): string[] {
  const used = new Set(agents.map(({ runtime }) => runtime));
  const programs = facts.runtimes
    .filter(({ name }) => used.has(name))
    .map(({ name, path }) => `${name}: ${path ?? "not installed yet"}`);
  return [
    ...(facts.hasTmux ? [] : ["tmux: not installed yet, and every agent needs it"]),
    ...programs,
  ];
}

function systemdStep({ facts, answers, agents }: Planning): PlannedStep {
  const { systemd, roster } = facts;
  const files = systemd.units[roster.agents === undefined ? answers.profile : "present"] ?? [];
  const canLinger = !systemd.isLingering && systemd.lingerFault === "";
  const linger = !canLinger ? [] : [`loginctl enable-linger ${systemd.user}`];
  const units = [holderUnit, ...agents.map((agent) => agentUnit(agent.name))];
  const isDone = files.length === 0 && systemd.isEnabled && roster.agents !== undefined;
  const enable = isDone
    ? []
    : ["systemctl --user daemon-reload", `systemctl --user enable ${units.join(" ")}`];
  const words = [
    ...(isDone
      ? []
      : [files.length === 0 ? "enable the units" : `write and enable ${files.length} units`]),
    ...(linger.length === 0 ? [] : ["let them run without a login"]),
  ];
  const summary = words.join(", and ") || "as it should be";
  const { lingerFault } = systemd;
  const notes = lingerFault === "" ? [] : [`they end with the user manager: ${lingerFault}`];
  return { name: "systemd", files, commands: [...enable, ...linger], notes, summary };
}

function hooksStep({ hooks, home }: SetupFacts, { guard, log }: SetupAnswers): PlannedStep {
  const switches = [
    ...switchOf("secrets-guard", { is: hooks.isGuarding, wanted: guard }),
    ...switchOf("session-log", { is: hooks.isLogging, wanted: log }),
  ];
  const commands = switches.map((words) => `mosaic config hooks ${words}`);
  const put = hooks.files.length === 0 ? [] : [`put mosaic's hooks into ${tilde(hooks.dir, home)}`];
  const summary = [...put, ...switches].join(", ") || "as it should be";
  const notes =
    hooks.readInstead === ""
      ? []
      : [
          `but Claude Code reads ${tilde(hooks.readInstead, home)} (CLAUDE_CONFIG_DIR): unset CLAUDE_HOME`,
        ];
  return { name: "hooks", files: hooks.files, commands, notes, summary };
}

function gatewayStep({ gateway }: SetupFacts): PlannedStep {
  const { files, needsAdmin, noService, accountNote } = gateway;
  const admin = needsAdmin ? ["mosaic gateway admin create"] : [];
  const commands = [...admin, ...gateway.commands];
  const words = [
    ...(files.length === 0 ? [] : ["write its settings"]),
    ...(needsAdmin ? ["make its administrator"] : []),
    ...(gateway.commands.length === 0 ? [] : ["run it as a service"]),
  ];
  const note = noService === "" ? "" : ` (no service: ${noService})`;
  const summary = `${words.join(", ") || "as it should be"}${note}`;
  const notes = accountNote === "" ? [] : [accountNote];
  return { name: "gateway", files, commands, notes, summary };
}

function switchOf(
  hook: string,
  { is, wanted }: { is: boolean; wanted: boolean | undefined },
): string[] {
  if (wanted === undefined || wanted === is) return [];
  return [`${wanted ? "enable" : "disable"} ${hook}`];
}
