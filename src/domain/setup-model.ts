// What the first run knows of the host, what it asked, and what it would do: the words of setup.ts and of its two fronts.
import type { Secret } from "./secret.ts";

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

export interface SetupProfile {
  name: string;
  agents: readonly SetupAgent[];
  /** Of the roster. */
  text: string;
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
  /** Rosters to start from; `found` among them where a runtime was found. */
  profiles: readonly SetupProfile[];
  /** Programs of the runtimes that have one, and where they are; undefined: not found. */
  runtimes: readonly { name: string; path: string | undefined; installHint: string }[];
  /** Without it no fleet starts. */
  hasTmux: boolean;
  systemd: {
    /** Why there is no user manager to install into; empty when one answers. */
    fault: string;
    /** Units to write, by the name of the profile, or under `present` for the roster that is there. */
    units: Readonly<Record<string, readonly PlannedFile[]>>;
    user: string;
    isLingering: boolean;
    /** Why nobody can turn linger on; empty when it is on, or an administrator could. */
    lingerFault: string;
    /** Whether those of the roster that is there start at boot. */
    isEnabled: boolean;
  };
  hooks: {
    dir: string;
    /** Another folder that Claude Code itself would read; empty: it reads ours. */
    readInstead: string;
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
    /** Of the account that the environment names beside an administrator that is there; empty when there is nothing to know. */
    accountNote: string;
    /** Why nothing will keep it running; empty when a manager does. */
    noService: string;
  };
  completions: {
    /** undefined: a shell of which no folder is known. */
    file: PlannedFile | undefined;
    /** As this version writes them. */
    isThere: boolean;
    /** Why there is no folder for them; empty when there is one. */
    fault: string;
  };
  /** Folders that cannot be written to, or cannot be made, each with why and the steps that need it. */
  unwritable: readonly { folder: string; why: string; steps: readonly SetupStep[] }[];
  /** What is wrong with the settings of this site, each in words with its place. */
  settingFaults: readonly string[];
}

export interface SetupAnswers {
  /** As they were named: a name that is no step is a fault. */
  steps: readonly string[];
  /** Only used where there is no roster yet; a name that is no profile is a fault all the same. */
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
  /** What else a person should know of it. */
  notes: readonly string[];
}

/** A step that is not taken. */
export interface SkippedStep {
  name: SetupStep;
  reason: string;
  /** Whether this host could take it. */
  isPossible: boolean;
}

export interface SetupPlan {
  steps: readonly PlannedStep[];
  skipped: readonly SkippedStep[];
  /** Of the roster that the step roster writes; empty when it writes none. */
  rosterText: string;
  /** Every one of them; nothing may be applied while there are any. */
  faults: readonly string[];
  /** What to type when all is done, with a comment behind some. */
  next: readonly string[];
}
