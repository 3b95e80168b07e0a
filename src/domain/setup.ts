// The first run as one plan: what is known of the host and what was answered become steps with their files and commands.
// The wizard and a headless run show this plan and apply it. Pure.
// Over 200 lines because facts, steps and faults are read together.
import type { Secret } from "./secret.ts";
import { suggest } from "./suggest.ts";

export const setupSteps = [
  "framework",
  "roster",
  "systemd",
  "hooks",
  "gateway",
  "completions",
] as const;

export type SetupStep = (typeof setupSteps)[number];

/** A file that a step would write. */
export interface PlannedFile {
  path: string;
  mode: number;
  /** `new`, or `update` of one that is there. */
  how: "new" | "update";
}

export interface SetupAgent {
  name: string;
  runtime: string;
}

export interface SetupFacts {
  /** Absolute; written as `~` for people. */
  home: string;
  /** Files of the framework that are not as this version ships them; edited ones are kept, and not among them. */
  framework: readonly PlannedFile[];
  roster: {
    file: string;
    /** undefined: there is none. */
    agents: readonly SetupAgent[] | undefined;
    /** What is wrong with the one that is there; empty when nothing is. */
    fault: string;
  };
  /** Rosters to start from. */
  profiles: readonly { name: string; agents: readonly SetupAgent[] }[];
  /** Programs of the runtimes that have one, and where they are; undefined: not found. */
  runtimes: readonly { name: string; path: string | undefined; installHint: string }[];
  systemd: {
    /** Why there is no user manager to install into; empty when one answers. */
    fault: string;
    /** Units to write, by the name of the profile, or under `present` for the roster that is there. */
    units: Readonly<Record<string, readonly PlannedFile[]>>;
    user: string;
    isLingering: boolean;
  };
  hooks: {
    dir: string;
    files: readonly PlannedFile[];
    /** Why nothing can be installed; empty when it can. */
    fault: string;
    /** Which of the hooks that are off at first are on. */
    isGuarding: boolean;
    isLogging: boolean;
  };
  gateway: {
    files: readonly PlannedFile[];
    commands: readonly string[];
    /** Every one, of the settings too. */
    faults: readonly string[];
    /** It has no administrator yet. */
    needsAdmin: boolean;
    /** The environment names an administrator, so a gateway is wanted. */
    isGiven: boolean;
    /** Why nothing will keep it running; empty when a manager does. */
    noService: string;
  };
  completions: {
    /** undefined: a shell of which no folder is known. */
    file: PlannedFile | undefined;
    isThere: boolean;
  };
  /** Folders that cannot be written to, each with the steps that need it. */
  unwritable: readonly { folder: string; steps: readonly SetupStep[] }[];
  /** What is wrong with the settings of this site, each in words with its place. */
  settingFaults: readonly string[];
}

export interface SetupAnswers {
  /** As they were named: a name that is no step is a fault. */
  steps: readonly string[];
  /** Only used where there is no roster yet. */
  profile: string;
  /** undefined: as they are. */
  guard: boolean | undefined;
  log: boolean | undefined;
  /** The first administrator of the gateway, as far as it was asked for. */
  admin: Readonly<Partial<AdminAnswers>>;
  start: boolean;
}

export interface AdminAnswers {
  name: string;
  email: string;
  password: Secret;
}

export interface PlannedStep {
  name: SetupStep | "start";
  files: readonly PlannedFile[];
  /** As a person would type them. */
  commands: readonly string[];
  /** For people, one line. */
  summary: string;
}

export interface SetupPlan {
  steps: readonly PlannedStep[];
  /** Every one of them; nothing may be applied while there are any. */
  faults: readonly string[];
  /** What to type when all is done, with a comment behind some. */
  next: readonly string[];
}

/** What would be done. A step with neither files nor commands is as it should be. */
export function planSetup(facts: SetupFacts, answers: SetupAnswers): SetupPlan {
  const chosen = setupSteps.filter((step) => answers.steps.includes(step));
  const profile = facts.profiles.find(({ name }) => name === answers.profile);
  const present = facts.roster.agents;
  const agents = present ?? (chosen.includes("roster") ? profile?.agents : undefined);
  const steps = chosen.map((step) => stepOf(step, { facts, answers }));
  if (answers.start) steps.push(startStep(agents ?? []));
  return {
    steps,
    faults: faultsOf(facts, { answers, chosen, hasAgents: agents !== undefined }),
    next: nextOf(facts, { answers, chosen, agents: agents ?? [] }),
  };
}

/** Steps that this host can take, for a run in which nobody chose any. Completions are a person's own affair. */
export function usualSteps({ systemd, gateway }: SetupFacts): SetupStep[] {
  const isUsual: Readonly<Partial<Record<SetupStep, boolean>>> = {
    completions: false,
    systemd: systemd.fault === "",
    // Without an administrator nobody could log in, so one who names none wants none.
    gateway: gateway.isGiven,
  };
  return setupSteps.filter((step) => isUsual[step] ?? true);
}

interface Planning {
  facts: SetupFacts;
  answers: SetupAnswers;
}

function stepOf(name: SetupStep, { facts, answers }: Planning): PlannedStep {
  const asIs = { name, files: [], commands: [], summary: "as it should be" };
  switch (name) {
    case "framework": {
      const { framework: files } = facts;
      if (files.length === 0) return asIs;
      return { ...asIs, files, summary: `write ${files.length} files: tools, examples, hooks` };
    }
    case "roster": {
      const { agents, file } = facts.roster;
      if (agents !== undefined) {
        return { ...asIs, summary: `there already, and kept: ${namesOf(agents)}` };
      }
      const wanted = facts.profiles.find((one) => one.name === answers.profile)?.agents ?? [];
      const files = [{ path: file, mode: 0o600, how: "new" as const }];
      const summary = `write the roster "${answers.profile}": ${namesOf(wanted)}`;
      return { ...asIs, files, summary };
    }
    case "systemd":
      return systemdStep(facts, answers);
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

function systemdStep({ systemd, roster }: SetupFacts, answers: SetupAnswers): PlannedStep {
  const key = roster.agents === undefined ? answers.profile : "present";
  const files = systemd.units[key] ?? [];
  const linger = systemd.isLingering ? [] : [`loginctl enable-linger ${systemd.user}`];
  // Cheap, and right whatever somebody did to the units by hand.
  const commands = ["systemctl --user daemon-reload", "systemctl --user enable …", ...linger];
  const units = files.length === 0 ? "enable the units" : `write and enable ${files.length} units`;
  const summary = `${units}${linger.length === 0 ? "" : ", and let them run without a login"}`;
  return { name: "systemd", files, commands, summary };
}

function hooksStep({ hooks, home }: SetupFacts, { guard, log }: SetupAnswers): PlannedStep {
  const switches = [
    ...switchOf("secrets-guard", { is: hooks.isGuarding, wanted: guard }),
    ...switchOf("session-log", { is: hooks.isLogging, wanted: log }),
  ];
  const commands = switches.map((words) => `mosaic config hooks ${words}`);
  const put = hooks.files.length === 0 ? [] : [`put mosaic's hooks into ${tilde(hooks.dir, home)}`];
  const summary = [...put, ...switches].join(", ") || "as it should be";
  return { name: "hooks", files: hooks.files, commands, summary };
}

function gatewayStep({ gateway }: SetupFacts): PlannedStep {
  const { files, needsAdmin, noService } = gateway;
  const admin = needsAdmin ? ["mosaic gateway admin create"] : [];
  const commands = [...admin, ...gateway.commands];
  const words = [
    ...(files.length === 0 ? [] : ["write its settings"]),
    ...(needsAdmin ? ["make its administrator"] : []),
    ...(gateway.commands.length === 0 ? [] : ["run it as a service"]),
  ];
  const note = noService === "" ? "" : ` (no service: ${noService})`;
  const summary = `${words.join(", ") || "as it should be"}${note}`;
  return { name: "gateway", files, commands, summary };
}

function switchOf(
  hook: string,
  { is, wanted }: { is: boolean; wanted: boolean | undefined },
): string[] {
  if (wanted === undefined || wanted === is) return [];
  return [`${wanted ? "enable" : "disable"} ${hook}`];
}

function startStep(agents: readonly SetupAgent[]): PlannedStep {
  const commands = ["mosaic fleet start", "mosaic fleet verify"];
  return { name: "start", files: [], commands, summary: `start and verify ${namesOf(agents)}` };
}

interface Choice {
  answers: SetupAnswers;
  chosen: readonly SetupStep[];
  /** Of a roster that is there, or will be. */
  hasAgents: boolean;
}

function faultsOf(facts: SetupFacts, { answers, chosen, hasAgents }: Choice): string[] {
  const { roster, systemd, hooks, completions } = facts;
  const unknown = answers.steps.filter((step) => !setupSteps.some((known) => known === step));
  const faults = unknown.map((step) => {
    const near = suggest(step, setupSteps);
    const meant = near === undefined ? `steps: ${setupSteps.join(", ")}` : `did you mean ${near}?`;
    return `there is no step ${JSON.stringify(step)} (${meant})`;
  });
  if (chosen.length === 0 && unknown.length === 0 && !answers.start)
    faults.push("no step is chosen");
  const profiles = facts.profiles.map(({ name }) => name);
  const needsProfile = roster.agents === undefined && roster.fault === "";
  if (chosen.includes("roster") && needsProfile && !profiles.includes(answers.profile)) {
    faults.push(
      `there is no profile ${JSON.stringify(answers.profile)} (profiles: ${profiles.join(", ")})`,
    );
  }
  const needsRoster = answers.start || chosen.includes("roster") || chosen.includes("systemd");
  if (needsRoster && roster.fault !== "") faults.push(roster.fault);
  if ((answers.start || chosen.includes("systemd")) && !hasAgents && roster.fault === "") {
    if (!chosen.includes("roster"))
      faults.push("there is no roster yet (choose the step roster too)");
  }
  if (chosen.includes("systemd") && systemd.fault !== "") faults.push(`systemd: ${systemd.fault}`);
  if (chosen.includes("hooks") && hooks.fault !== "") faults.push(hooks.fault);
  if (chosen.includes("completions") && completions.file === undefined) {
    faults.push("completions: your shell is not known (mosaic completions --help)");
  }
  const closed = facts.unwritable.filter(({ steps }) =>
    steps.some((step) => chosen.includes(step)),
  );
  faults.push(...closed.map(({ folder }) => `${folder} is not writable for us`));
  // What is set and wrong is a fault whatever is chosen: nobody set it for nothing.
  const gateway = chosen.includes("gateway") ? facts.gateway.faults : [];
  return [...new Set([...faults, ...facts.settingFaults, ...gateway])];
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
  const install = missing.map(({ installHint, name }) => `${installHint}   # ${name}`);
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

/** `canary-1, canary-2 (canary), lead (pi)`. */
function namesOf(agents: readonly SetupAgent[]): string {
  const runtimes = [...new Set(agents.map(({ runtime }) => runtime))];
  if (agents.length === 0) return "no agent";
  return runtimes
    .map((runtime) => {
      const names = agents.filter((agent) => agent.runtime === runtime).map(({ name }) => name);
      return `${names.join(", ")} (${runtime})`;
    })
    .join(", ");
}

/** A path as people write it. */
export function tilde(path: string, home: string): string {
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** The plan for people: a line for each step, and below it its files and commands. */
export function planLines({ steps }: SetupPlan, home: string): string[] {
  const width = Math.max(...steps.map(({ name }) => name.length));
  return steps.flatMap(({ name, summary, files, commands }) => [
    `${name.padEnd(width)}  ${summary}`,
    ...filesOf(files, home).map((line) => `${" ".repeat(width)}    ${line}`),
    ...commands.map((command) => `${" ".repeat(width)}    run ${command}`),
  ]);
}

/** More than these of one folder are told as a number. */
const mostFiles = 4;

function filesOf(files: readonly PlannedFile[], home: string): string[] {
  if (files.length > mostFiles) {
    const [first = [], ...others] = files.map(({ path }) => path.split("/").slice(0, -1));
    const end = first.findIndex((part, at) => others.some((other) => other[at] !== part));
    const shared = end < 0 ? first : first.slice(0, end);
    return [`write ${files.length} files below ${tilde(shared.join("/"), home)}`];
  }
  return files.map(({ path, mode, how }) => {
    const shown = mode.toString(8).padStart(4, "0");
    return how === "new" ? `write ${tilde(path, home)} (${shown})` : `change ${tilde(path, home)}`;
  });
}
