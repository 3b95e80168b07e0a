// The wizard as a person sees it: screens as golden files, back and cancel at every question.
import { describe, expect, test } from "bun:test";
import { expectGoldenText } from "../support/golden.ts";
import { asked, leftBehind, startWizard } from "../support/wizard.ts";

const slowMs = 60_000;

const questions = ["steps", "profile", "hooks", "start", "plan"] as const;

/** Dim, bold and underlined are no colours. */
function colours(screen: string): string[] {
  return screen.split("\u001B[").filter((part) => /^(3[0-7]|9[0-7]|38;)[0-9;]*m/.test(part));
}

describe.each([80, 200])("at %d columns", (columns) => {
  test(
    "every screen, from the first question to what to type next",
    async () => {
      await using wizard = await startWizard({ columns });
      for (const question of questions) {
        const seen = await wizard.answer(asked[question], question === "hooks" ? "Down" : "Enter");
        expectGoldenText(`wizard/${columns}-${question}.txt`, seen);
        if (question === "hooks") await wizard.answer("● Secrets guard", "Enter");
      }
      expectGoldenText(`wizard/${columns}-end.txt`, await wizard.screen("[exit 0]"));
      const config = JSON.parse(wizard.home.read(".claude/hooks-config.json"));
      const on = config.hooks.filter((hook: { enabled: boolean }) => hook.enabled);
      expect(on.map((hook: { id: string }) => hook.id)).toEqual(["state", "secrets-guard"]);
      expect(wizard.home.read(".config/mosaic/fleet/roster.yaml")).toContain("canary-1");
    },
    slowMs,
  );
});

test(
  "no colour under NO_COLOR, and colour without it",
  async () => {
    await using plain = await startWizard({ columns: 80, env: { NO_COLOR: "1" } });
    await using coloured = await startWizard({ columns: 80 });
    const seen = await plain.screen(asked.steps, { colours: true });
    expect(colours(seen)).toEqual([]);
    const other = await coloured.screen(asked.steps, { colours: true });
    expect(colours(other)).not.toBeEmpty();
  },
  slowMs,
);

test.each(questions)(
  "giving up at %s leaves nothing behind",
  async (last) => {
    await using wizard = await startWizard({ columns: 80 });
    for (const question of questions.slice(0, questions.indexOf(last))) {
      await wizard.answer(asked[question], "Enter");
    }
    await wizard.answer(asked[last], "C-c");
    expect(await wizard.screen("[exit 130]")).toContain("Nothing was written.");
    expect(leftBehind(wizard)).toEqual([]);
  },
  slowMs,
);

test(
  "a roster that is made while the questions stand there is kept",
  async () => {
    await using wizard = await startWizard({ columns: 80 });
    for (const question of ["steps", "profile", "hooks", "start"] as const) {
      await wizard.answer(asked[question], "Enter");
    }
    await wizard.screen(asked.plan);
    const roster = ".config/mosaic/fleet/roster.yaml";
    wizard.home.write(roster, "# mine\n");
    await wizard.answer(asked.plan, "Enter");
    expect(await wizard.screen("[exit 4]")).toContain("a roster was made meanwhile, and is kept");
    expect(wizard.home.read(roster)).toBe("# mine\n");
  },
  slowMs,
);

test(
  "back from the plan to the first question, and forward again with what was answered",
  async () => {
    await using wizard = await startWizard({ columns: 80 });
    for (const question of ["steps", "profile", "hooks"] as const) {
      await wizard.answer(asked[question], "Enter");
    }
    await wizard.answer(asked.start, "Up", "Enter");
    await wizard.answer(asked.plan, "Down", "Enter");
    // Back is the last choice of each, and going up from the first one reaches it.
    await wizard.answer("● Yes", "Up", "Enter");
    await wizard.answer("● None", "Up", "Enter");
    await wizard.answer("● demo", "Up", "Enter");
    await wizard.answer("Space: select", "C-c");
    expect(await wizard.screen("[exit 130]")).toContain("Nothing was written.");
    expect(leftBehind(wizard)).toEqual([]);
  },
  slowMs,
);

test(
  "a roster of what is installed here, and where it is",
  async () => {
    await using wizard = await startWizard({ columns: 80, path: ["pi", "claude"] });
    await wizard.answer(asked.steps, "Enter");
    // Behind the examples, in front of Back.
    await wizard.answer(asked.profile, "Up", "Up");
    await wizard.answer("● found (what is installed here: claude, pi)", "Enter");
    await wizard.answer(asked.hooks, "Enter");
    await wizard.answer(asked.start, "Enter");
    const plan = await wizard.answer(asked.plan, "Enter");
    expect(plan).toContain('write the roster "found": claude (claude), pi (pi)');
    expect(plan).toContain("pi: ~/programs/pi");
    await wizard.screen("[exit 0]");
    expect(wizard.home.read(".config/mosaic/fleet/roster.yaml")).toMatch(
      /runtime: claude # .*\/programs\/claude$/m,
    );
  },
  slowMs,
);

test(
  "a fleet that is to be started is started and verified, and a second run has nothing to do",
  async () => {
    await using wizard = await startWizard({ columns: 120, flags: ["--start"] });
    for (const question of questions) await wizard.answer(asked[question], "Enter");
    const end = await wizard.screen("[exit 0]");
    expect(end).toMatch(/ok +canary-1: session/);
    expect(end).toContain('mosaic agent ask canary-1 "hello"');
    const again = await wizard.run("wizard", "--dry-run", "--json");
    const { steps } = JSON.parse(again.stdout);
    expect(
      steps.map((step: { name: string; isDone: boolean }) => [step.name, step.isDone]),
    ).toEqual([
      ["framework", true],
      ["roster", true],
      ["hooks", true],
    ]);
    expect((await wizard.run("fleet", "uninstall", "--yes")).exitCode).toBe(0);
  },
  slowMs,
);

test.each([
  ["--profile", "nope", 'there is no profile "nope"'],
  ["--only", "systemd", "systemd: no systemd user manager answers"],
  ["--only", "hoooks", "did you mean hooks?"],
])(
  "%s %s at a terminal is a fault, and no question",
  async (flag, word, told) => {
    await using wizard = await startWizard({ columns: 120, flags: [flag, word] });
    const seen = await wizard.screen("[exit 2]");
    expect(seen).toContain(told);
    expect(seen).not.toContain(asked.steps);
    expect(leftBehind(wizard)).toEqual([]);
  },
  slowMs,
);
