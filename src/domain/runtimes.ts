// The one table of runtimes. A new runtime is one entry here: the roster's schema, completions, doctor's
// checks and the process evidence follow. A runtime's name stands as a string literal in this file alone.
// Facts on the real CLIs are measured: see the commit that brought them and ARCHITECTURE.md.
// Over 200 lines because the table stands in one place.
import { codexReportArgs } from "./codex-hooks.ts";
import type { FirstRun } from "./first-run.ts";

/**
 * What a runtime makes of a pasted prompt (one from the spool it leaves alone) before its model gets it: a tab becomes four spaces · white space at the end is
 * cut · Unicode in its composed form (NFC) · a long paste stands in `<pasted_content id="…">` tags (from some 900
 * characters or more than three lines on).
 */
export type Rewrite = "tabs" | "end" | "nfc" | "tags";

/** What shows that a person has logged in, or has given a key: a file below the home folder in which a pattern is found. */
export interface LoginSign {
  file: string;
  /** A regular expression, by lines. */
  has: string;
}

export interface Runtime {
  /** For people. */
  title: string;
  /** What is started: a program on PATH, this executable itself, or the agent's whole argv. */
  program:
    | { kind: "path"; binary: string }
    | { kind: "self"; args: readonly string[] }
    | { kind: "argv" };
  /**
   * Where a login shows; a warning only, for a site may have ways of its own. Both empty: it needs none. Variables are those
   * of the agent (env, envFile): it gets no others.
   */
  login: { variables: readonly string[]; signs: readonly LoginSign[] };
  /** The command that installs it; empty when there is nothing to install. */
  installHint: string;
  /**
   * Basenames that prove the runtime below the pane, matched against argv[0], argv[1] (a script run by an
   * interpreter) and comm of each process. Empty: any process that is not our wrapper.
   */
  processNames: readonly string[];
  /** What it shows before it takes a prompt, and what keeps that away. */
  firstRun: readonly FirstRun[];
  /** Set for every agent of this runtime; the roster's env wins. */
  env: Readonly<Record<string, string>>;
  /**
   * How messages reach it. `spool`: its extension takes them from a folder, without keystrokes, and says itself when it can;
   * until it does, and when it is not up, they are pasted.
   */
  channel: "paste" | "spool";
  /** Whether it has a queue of its own, for what comes while it works, that an interrupt does not empty. */
  queues: boolean;
  /** Pause between the paste and Enter, in milliseconds. */
  enterDelayMs: number;
  /** Whether one more Enter is proven right when the text is still in the composer after the first. */
  secondEnter: boolean;
  /**
   * What an empty composer that takes text looks like: an ERE (grep -E, in bytes) over `COLUMN/ROW ABOVE/ROW` at the
   * cursor, rows without trailing blanks. A draft, a dialog and a question fit it not, so nothing is typed there; that
   * it fits again after Enter proves that the text left. `line`: a program that reads lines, which has no composer.
   * Measured with canary, pi 0.87.1, Claude Code 2.1.330, codex 0.169.0, opencode 1.18.33: all keep the terminal's
   * cursor in their composer, even those that hide it.
   */
  composerPattern: string;
  /** An ERE that fits the title or a row of the screen while a permission question is open; empty: none is known. */
  questionPattern: string;
  /** An ERE that fits one of the last rows while any other dialog is open, in which a text is an answer; empty: none. */
  dialogPattern: string;
  /** Whether its questions leave a composer on the screen, by readyPattern. */
  asksBesideComposer: boolean;
  /** An ERE that fits `ABOVE/ROW` once its composer is drawn, with a text or without; before, it is still starting. */
  readyPattern: string;
  /** Measured: every other text gets through exactly (test/e2e/messages.test.ts). Unknown ones have none. */
  rewrites: readonly Rewrite[];
  /** Whether it reports what it does and answers (`mosaic hook run`). */
  reports: boolean;
  /** Whether a turn of it can end without a report: an interrupt fires no hook of Claude Code and Codex. Measured. */
  endsSilently: boolean;
  /** What makes it so, in front of the roster's arguments; `{hooks}` is our folder of hooks. */
  reportArgs: readonly string[];
  /** The same by its environment, where the roster sets none of these variables. */
  reportEnv: Readonly<Record<string, string>>;
  /** A flag of it that can be given once: a roster that gives it does without our reports. Empty: none. */
  reportFlag: string;
  /** Goes on with the conversation of this id (`{session}`), behind the roster's arguments; empty: it cannot. */
  resumeArgs: readonly string[];
  /** An ERE that fits the title or one of the last rows while it works; empty: its screen does not tell. */
  workingPattern: string;
  /** An ERE that fits the row in which its screen tells why a turn failed, where it reports no such end; empty: it does. */
  faultPattern: string;
  /** How long the process must have lived before a start calls it started, in milliseconds. */
  settleMs: number;
}

const claudeFirstRun: readonly FirstRun[] = [
  {
    shows: "an update of itself, in the middle of its work",
    source: "code.claude.com/docs/en/env-vars",
    by: { kind: "env", env: { DISABLE_AUTOUPDATER: "1" } },
  },
  {
    shows: "a question how it does, to which a message may be an answer",
    source: "code.claude.com/docs/en/data-usage, session quality surveys",
    by: { kind: "env", env: { CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY: "1" } },
  },
  {
    shows: "a suggested prompt in its composer",
    source: "named in the program of 2.1.330; the hint that it draws after a failed turn stays",
    by: { kind: "env", env: { CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: "false" } },
  },
  {
    shows: "the first steps: connection, theme, login",
    source: "measured with 2.1.330; without the net it ends with exit 1 instead",
    by: { kind: "json", path: ".claude.json", values: { hasCompletedOnboarding: true } },
  },
  {
    shows: "whether the folder is trusted; the default ends it",
    source: "measured with 2.1.330",
    by: {
      kind: "json",
      path: ".claude.json",
      values: { projects: { "{workdir}": { hasTrustDialogAccepted: true } } },
    },
  },
  {
    shows: "whether the API key of the environment is to be used; the default is no",
    source: "measured with 2.1.330",
    by: {
      kind: "json",
      path: ".claude.json",
      values: { customApiKeyResponses: { approved: ["{apiKeyEnd}"], rejected: [] } },
    },
  },
  {
    shows: "a note on the auto mode, which takes no key",
    source: "measured with 2.1.330",
    by: { kind: "json", path: ".claude.json", values: { hasSeenAutoDefaultNotice: true } },
  },
  {
    shows: "a warning of --dangerously-skip-permissions; the default ends it",
    source: "measured with 2.1.330",
    by: {
      kind: "json",
      path: ".claude/settings.json",
      values: { skipDangerousModePermissionPrompt: true },
    },
  },
];

const codexFirstRun: readonly FirstRun[] = [
  {
    shows: "that there is an update, with a choice",
    source: "developers.openai.com/codex/config-reference: check_for_update_on_startup",
    by: { kind: "args", args: ["-c", "check_for_update_on_startup=false"] },
  },
  {
    shows: "whether the folder is trusted",
    source: "developers.openai.com/codex/config-reference: projects.<path>.trust_level",
    by: {
      kind: "toml",
      path: ".codex/config.toml",
      lines: ['[projects."{workdir}"]', 'trust_level = "trusted"'],
    },
  },
];

const opencodeFirstRun: readonly FirstRun[] = [
  {
    shows: "an update of itself",
    source: "opencode.ai/docs/cli: environment variables",
    by: { kind: "env", env: { OPENCODE_DISABLE_AUTOUPDATE: "1" } },
  },
];

const piFirstRun: readonly FirstRun[] = [
  {
    shows: "that there is a newer version",
    source: "docs/environment-variables.md of its package",
    by: { kind: "env", env: { PI_SKIP_VERSION_CHECK: "1" } },
  },
  {
    shows: "whether the folder is trusted, when that has extensions or settings of its own",
    source: "docs/settings.md of its package",
    by: {
      kind: "json",
      path: ".pi/agent/settings.json",
      values: { defaultProjectTrust: "always" },
    },
  },
  {
    shows: "a long help above the conversation",
    source: "docs/settings.md of its package",
    by: { kind: "json", path: ".pi/agent/settings.json", values: { quietStartup: true } },
  },
];

const runtimeTable = {
  canary: {
    title: "Mosaic canary (built in)",
    program: { kind: "self", args: ["canary"] },
    login: { variables: [], signs: [] },
    installHint: "",
    processNames: ["mosaic"],
    firstRun: [],
    env: {},
    channel: "paste",
    queues: true,
    enterDelayMs: 0,
    secondEnter: false,
    composerPattern: "^2/─[^/]*/›$",
    questionPattern: "^Permission required: may the canary",
    dialogPattern: "",
    asksBesideComposer: false,
    readyPattern: "^─.*/›",
    workingPattern: "^[*] working [(]esc to interrupt[)]",
    rewrites: [],
    reports: true,
    endsSilently: true,
    reportArgs: [],
    reportEnv: { CANARY_REPORTS: "1" },
    reportFlag: "",
    resumeArgs: [],
    faultPattern: "",
    settleMs: 0,
  },
  claude: {
    title: "Claude Code",
    program: { kind: "path", binary: "claude" },
    login: {
      variables: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"],
      signs: [
        { file: ".claude/.credentials.json", has: "accessToken" },
        { file: ".claude/settings.json", has: "apiKeyHelper|ANTHROPIC_|CLAUDE_CODE_USE_" },
        { file: ".claude.json", has: "oauthAccount|primaryApiKey" },
      ],
    },
    installHint: "npm install -g @anthropic-ai/claude-code",
    processNames: ["claude"],
    firstRun: claudeFirstRun,
    env: {},
    channel: "paste",
    queues: true,
    enterDelayMs: 0,
    secondEnter: true,
    composerPattern: "^2/─[^/]*/❯",
    questionPattern: "^ *❯ 1[.] Yes",
    dialogPattern: "Esc to cancel|Enter to confirm",
    asksBesideComposer: false,
    readyPattern: "^─.*/❯",
    workingPattern: "^[◐◑] |esc to interrupt",
    rewrites: ["tabs", "end", "nfc", "tags"],
    reports: true,
    endsSilently: true,
    reportArgs: ["--settings", "{hooks}/claude/settings.json"],
    reportEnv: {},
    reportFlag: "--settings",
    resumeArgs: ["--resume", "{session}"],
    faultPattern: "",
    settleMs: 1000,
  },
  codex: {
    title: "Codex",
    program: { kind: "path", binary: "codex" },
    login: {
      variables: ["OPENAI_API_KEY", "CODEX_API_KEY"],
      signs: [
        { file: ".codex/auth.json", has: "token|OPENAI_API_KEY" },
        { file: ".codex/config.toml", has: "^ *model_provider *=" },
      ],
    },
    installHint: "npm install -g @openai/codex",
    processNames: ["codex"],
    firstRun: codexFirstRun,
    env: {},
    channel: "paste",
    queues: true,
    enterDelayMs: 0,
    secondEnter: true,
    composerPattern: "^2/ */›( [^0-9].*)?$",
    questionPattern: "Action Required [|]|^ *› 1[.] Yes",
    dialogPattern:
      "^ *Choose how you want to use Codex|^ *Press enter to continue|^ *enter continue · esc",
    asksBesideComposer: false,
    readyPattern: "^ */›( [^0-9]|$)",
    workingPattern: "esc to interrupt",
    rewrites: ["end"],
    reports: true,
    endsSilently: true,
    reportArgs: codexReportArgs(),
    reportEnv: {},
    reportFlag: "",
    resumeArgs: ["resume", "{session}"],
    faultPattern: "^■ ",
    settleMs: 1000,
  },
  command: {
    title: "any command",
    program: { kind: "argv" },
    login: { variables: [], signs: [] },
    installHint: "",
    processNames: [],
    firstRun: [],
    env: {},
    channel: "paste",
    queues: true,
    enterDelayMs: 0,
    secondEnter: false,
    composerPattern: "line",
    questionPattern: "",
    dialogPattern: "",
    asksBesideComposer: false,
    readyPattern: "",
    workingPattern: "",
    rewrites: [],
    reports: false,
    endsSilently: true,
    reportArgs: [],
    reportEnv: {},
    reportFlag: "",
    resumeArgs: [],
    faultPattern: "",
    settleMs: 0,
  },
  opencode: {
    title: "opencode",
    program: { kind: "path", binary: "opencode" },
    login: {
      variables: ["ANTHROPIC_API_KEY", "OPENAI_API_KEY"],
      signs: [
        { file: ".local/share/opencode/auth.json", has: "key|access|token" },
        { file: ".config/opencode/opencode.json", has: "provider" },
      ],
    },
    installHint: "npm install -g opencode-ai",
    processNames: ["opencode"],
    firstRun: opencodeFirstRun,
    env: {},
    channel: "spool",
    queues: false,
    enterDelayMs: 0,
    secondEnter: true,
    composerPattern: "^[0-9]+/ *┃/ *┃( +Ask anything.*)?$",
    // The second one is the footer of what its model asks by the tool `question`.
    questionPattern:
      "^ *┃ +△ Permission required|^ *┃ .*enter (submit|toggle|confirm) +esc dismiss",
    dialogPattern: "",
    asksBesideComposer: true,
    readyPattern: "/ *┃",
    workingPattern: "esc interrupt",
    rewrites: ["end"],
    reports: true,
    endsSilently: false,
    reportArgs: [],
    reportEnv: {
      OPENCODE_CONFIG_CONTENT: '{"plugin":["file://{hooks}/opencode/mosaic.js"]}',
      OPENCODE_TUI_CONFIG: "{hooks}/opencode/tui.json",
    },
    reportFlag: "",
    resumeArgs: ["--session", "{session}"],
    faultPattern: "",
    settleMs: 1000,
  },
  pi: {
    title: "pi",
    program: { kind: "path", binary: "pi" },
    login: {
      variables: ["ANTHROPIC_API_KEY", "ANTHROPIC_OAUTH_TOKEN", "OPENAI_API_KEY", "GEMINI_API_KEY"],
      signs: [
        { file: ".pi/agent/auth.json", has: "key|access|token" },
        { file: ".pi/agent/models.json", has: "apiKey" },
      ],
    },
    installHint: "npm install -g @earendil-works/pi-coding-agent",
    processNames: ["pi"],
    firstRun: piFirstRun,
    env: {},
    channel: "spool",
    queues: true,
    enterDelayMs: 0,
    secondEnter: true,
    composerPattern: "^0/─[^/]*/$",
    questionPattern: "",
    dialogPattern: "^ *↑/?↓ (move|navigate|select)",
    asksBesideComposer: true,
    readyPattern: "/─",
    workingPattern: "[⠁-⣿] Working",
    rewrites: ["tabs", "end"],
    reports: true,
    endsSilently: false,
    reportArgs: ["--extension", "{hooks}/pi/mosaic.js"],
    reportEnv: {},
    reportFlag: "",
    resumeArgs: ["--session-id", "{session}"],
    faultPattern: "",
    settleMs: 1000,
  },
} as const satisfies Record<string, Runtime>;

/** A runtime that the roster can name. */
export type RuntimeName = keyof typeof runtimeTable;

/** Every runtime by name, in alphabetical order. */
export const runtimes: Readonly<Record<RuntimeName, Runtime>> = runtimeTable;

/** The names, for the schema, completions and messages. */
export const runtimeNames: readonly RuntimeName[] = Object.keys(runtimeTable).filter(isRuntimeName);

/** The runtime of an agent that names none, in a roster without defaults. */
export const defaultRuntime: RuntimeName = "pi";

function isRuntimeName(name: string): name is RuntimeName {
  return name in runtimeTable;
}
