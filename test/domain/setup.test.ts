// Plans of the first run, by what is known of the host and what was answered.
// Over 200 lines because the facts of a host stand beside every plan that is made of them.
import { expect, test } from "bun:test";
import { planSetup, usualSteps } from "../../src/domain/setup.ts";
import { namedFaults } from "../../src/domain/setup-faults.ts";
import type { SetupAnswers, SetupFacts } from "../../src/domain/setup-model.ts";
import { planLines } from "../../src/domain/setup-text.ts";
import { expectGoldenText } from "../support/golden.ts";

const home = "/home/ada";

const file = (path: string, how: "new" | "update" = "new", mode = 0o644) => ({
  path: `${home}/${path}`,
  mode,
  how,
});

const unit = (name: string) => file(`.config/systemd/user/${name}`);

const fresh: SetupFacts = {
  home,
  framework: ["fleet/tmux.conf", "tools/a.sh", "tools/b.sh", "hooks/c.js", "fleet/d.json"].map(
    (name) => file(`.config/mosaic/${name}`),
  ),
  roster: { file: `${home}/.config/mosaic/fleet/roster.yaml`, agents: undefined, fault: "" },
  profiles: [
    { name: "demo", agents: [{ name: "canary-1", runtime: "canary" }], text: "" },
    {
      name: "local-canary",
      agents: [
        { name: "canary-pi", runtime: "pi" },
        { name: "reviewer", runtime: "claude" },
      ],
      text: "the roster\n",
    },
  ],
  runtimes: [
    { name: "claude", path: "/usr/bin/claude", installHint: "npm install -g claude" },
    { name: "pi", path: undefined, installHint: "npm install -g pi" },
  ],
  hasTmux: true,
  systemd: {
    fault: "",
    units: { demo: [unit("holder.service"), unit("agent@.service")], "local-canary": [] },
    user: "ada",
    isLingering: false,
    lingerFault: "",
    isEnabled: false,
  },
  hooks: {
    dir: `${home}/.claude`,
    readInstead: "",
    files: [
      file(".claude/hooks-config.json", "new", 0o600),
      file(".claude/settings.json", "update", 0o600),
    ],
    fault: "",
    isGuarding: false,
    isLogging: false,
  },
  gateway: {
    files: [file(".config/mosaic/config.yaml", "new", 0o600)],
    commands: ["systemctl --user restart mosaic-gateway.service"],
    faults: [],
    needsAdmin: true,
    isGiven: false,
    accountNote: "",
    noService: "",
  },
  completions: {
    file: file(".local/share/bash-completion/completions/mosaic"),
    isThere: false,
    fault: "",
  },
  unwritable: [],
  settingFaults: [],
};

const everything: SetupAnswers = {
  steps: ["framework", "roster", "systemd", "hooks", "gateway", "completions"],
  profile: "demo",
  guard: true,
  log: undefined,
  admin: {},
  start: true,
};

/** The second run, on a host where all is done. */
const done: SetupFacts = {
  ...fresh,
  framework: [],
  roster: { ...fresh.roster, agents: [{ name: "lead", runtime: "claude" }] },
  systemd: { ...fresh.systemd, units: { present: [] }, isLingering: true, isEnabled: true },
  hooks: { ...fresh.hooks, files: [], isGuarding: true },
  gateway: {
    ...fresh.gateway,
    files: [],
    commands: [],
    needsAdmin: false,
    noService: "no systemd",
  },
  completions: { ...fresh.completions, isThere: true },
};

const cases: [string, SetupFacts, SetupAnswers][] = [
  ["everything-on-a-fresh-host", fresh, everything],
  ["a-second-run", done, everything],
  ["missing-runtime", fresh, { ...everything, profile: "local-canary", start: false }],
  [
    "left-out",
    {
      ...fresh,
      systemd: { ...fresh.systemd, fault: "this host has no systemctl" },
      hooks: { ...fresh.hooks, readInstead: `${home}/other` },
      completions: {
        file: undefined,
        isThere: false,
        fault: "your shell is not known (mosaic completions --help)",
      },
    },
    { ...everything, steps: ["roster", "hooks"], start: false },
  ],
  [
    "without-tmux",
    { ...fresh, hasTmux: false },
    { ...everything, steps: ["roster"], start: false },
  ],
  [
    "every-fault",
    {
      ...fresh,
      hasTmux: false,
      systemd: { ...fresh.systemd, fault: "this host has no systemctl" },
      hooks: { ...fresh.hooks, fault: "settings.json:1:1: not valid JSON" },
      completions: {
        file: undefined,
        isThere: false,
        fault: "your shell is not known (mosaic completions --help)",
      },
      unwritable: [{ folder: home, why: "is not writable for us", steps: ["roster"] }],
      settingFaults: ["MOSAIC_GATEWAY_PORT: expected a port"],
      gateway: {
        ...fresh.gateway,
        faults: ["MOSAIC_GATEWAY_PORT: expected a port", "MOSAIC_ADMIN_NAME is missing"],
      },
    },
    { ...everything, steps: [...everything.steps, "hoooks"], profile: "demoo" },
  ],
];

test.each(cases)("%s", (name, facts, answers) => {
  const plan = planSetup(facts, answers);
  const text = [
    ...planLines(plan, { home, left: plan.skipped }),
    ...(plan.faults.length > 0 ? ["faults:", ...plan.faults] : []),
    "next:",
    ...plan.next,
    "",
  ].join("\n");
  expectGoldenText(`setup/${name}.txt`, text);
});

test("a run in which nobody chose takes what the host can take", () => {
  expect(usualSteps(fresh)).toEqual(["framework", "roster", "systemd", "hooks"]);
  const bare = { ...fresh, systemd: { ...fresh.systemd, fault: "no bus" } };
  expect(usualSteps(bare)).toEqual(["framework", "roster", "hooks"]);
  const asked = { ...bare, gateway: { ...fresh.gateway, isGiven: true } };
  expect(usualSteps(asked)).toEqual(["framework", "roster", "hooks", "gateway"]);
});

test("steps that need a roster say so when there is none and none is chosen", () => {
  const { faults } = planSetup(fresh, { ...everything, steps: ["systemd"], start: false });
  expect(faults).toEqual(["there is no roster yet (choose the step roster too)"]);
});

test("a roster with faults is never replaced", () => {
  const facts = { ...fresh, roster: { ...fresh.roster, fault: "roster.yaml:3:1: unknown key" } };
  expect(planSetup(facts, everything).faults).toEqual(["roster.yaml:3:1: unknown key"]);
});

test("a profile that is none is a fault also where it would not be used", () => {
  const answers = { ...everything, steps: ["hooks"], start: false, profile: "demoo" };
  expect(planSetup(done, answers).faults).toEqual([
    'there is no profile "demoo" (did you mean demo?)',
  ]);
});

function planned(steps: string[]): string[] {
  return planSetup(fresh, { ...everything, steps, start: false }).steps.map(({ name }) => name);
}

test("what stands on the tools writes them, and the plan says so; without need they are left alone", () => {
  expect(planned(["roster"])).toEqual(["framework", "roster"]);
  expect(planned(["gateway"])).toEqual(["framework", "gateway"]);
  expect(planned(["hooks"])).toEqual(["hooks"]);
});

test("a gateway that is there is looked after, and a new one is not made unasked", () => {
  expect(usualSteps(done)).toContain("gateway");
  expect(usualSteps(fresh)).not.toContain("gateway");
});

test("a step is as it should be when its files and its units are", () => {
  const { steps } = planSetup(done, { ...everything, start: false });
  expect(steps.filter(({ files, commands }) => files.length + commands.length > 0)).toEqual([]);
  const off = { ...done, systemd: { ...done.systemd, isEnabled: false } };
  const [systemd] = planSetup(off, { ...everything, steps: ["systemd"], start: false }).steps;
  expect(systemd?.commands[1]).toBe(
    "systemctl --user enable mosaic-tmux-holder.service mosaic-agent@lead.service",
  );
});

function named(facts: SetupFacts, changes: Partial<SetupAnswers>): string[] {
  return namedFaults(facts, { ...everything, steps: [], ...changes });
}

test("what is named in vain is told before the questions, and a host without any CLI says which it looked for", () => {
  const bare = { ...fresh, runtimes: fresh.runtimes.map((one) => ({ ...one, path: undefined })) };
  const systemd = { ...fresh.systemd, fault: "no systemd user manager answers" };
  expect(named(fresh, { profile: "nope" })).toEqual([
    'there is no profile "nope" (profiles: demo, local-canary)',
  ]);
  expect(named(bare, { profile: "found" })).toEqual([
    "no agent's CLI was found on PATH to start from (looked for: claude, pi); npm install -g claude, or take --profile demo, which needs none",
  ]);
  expect(named({ ...fresh, systemd }, { steps: ["systemd", "roster"] })).toEqual([
    "systemd: no systemd user manager answers",
  ]);
  expect(named(fresh, {})).toEqual([]);
});

test("linger that nobody can turn on is told, and not planned anew in each run", () => {
  const systemd = { ...done.systemd, isLingering: false, lingerFault: "there is no system bus" };
  const plan = planSetup({ ...done, systemd }, { ...everything, steps: ["systemd"], start: false });
  expect(plan.steps).toEqual([
    {
      name: "systemd",
      files: [],
      commands: [],
      notes: ["they end with the user manager: there is no system bus"],
      summary: "as it should be",
    },
  ]);
});
