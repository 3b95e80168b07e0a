// The gateway's first administrator, asked for by the wizard: what is typed, taken back and given up.
import { expect, test } from "bun:test";
import { expectGoldenText } from "../support/golden.ts";
import { asked, leftBehind, startWizard } from "../support/wizard.ts";

const slowMs = 60_000;

test(
  "the gateway's administrator is asked for, with the password masked, and can log in then",
  async () => {
    await using wizard = await startWizard({ columns: 80, env: { MOSAIC_GATEWAY_PORT: "0" } });
    await wizard.answer(asked.steps, "Down", "Down", "Down", "Space", "Enter");
    await wizard.answer(asked.profile, "Enter");
    await wizard.answer(asked.hooks, "Enter");
    await wizard.answer("first administrator?", "The Operator", "Enter");
    await wizard.answer("E-mail, to log in with?", "nobody", "Enter");
    await wizard.answer("expected an e-mail address", "@example.com", "Enter");
    await wizard.answer("Password, at least 8", "short", "Enter");
    // Shown as a mask, refused, and taken away letter by letter.
    const refused = await wizard.answer("expected at least 8 characters", "C-u");
    expect(refused).not.toContain("short");
    await wizard.answer("Password, at least 8", "s3cr3t-horse-battery", "Enter");
    await wizard.answer(again, "s3cr3t-horse-batery", "Enter");
    await wizard.answer("not the same", "C-u", "s3cr3t-horse-battery", "Enter");
    await wizard.answer(asked.start, "Enter");
    const plan = await wizard.answer("make its administrator", "Enter");
    expectGoldenText("wizard/80-gateway-plan.txt", plan);
    const end = await wizard.screen("[exit 0]");
    expect(end).toContain("mosaic gateway run");
    expect(end).not.toContain("s3cr3t");
    const { stdout } = await wizard.run("gateway", "admin", "list");
    expect(stdout).toContain("nobody@example.com");
  },
  slowMs,
);

const again = "The same password once more?";

const password = "s3cr3t-horse-battery";

const admin = [
  ["name", "first administrator?", "The Operator"],
  ["email", "E-mail, to log in with?", "nobody@example.com"],
  ["password", "Password, at least 8", password],
] as const;

test.each(admin)(
  "giving up at the administrator's %s leaves nothing behind",
  async (last) => {
    await using wizard = await startWizard({ columns: 80, flags: ["--only", "gateway"] });
    await wizard.answer(asked.steps, "Enter");
    for (const [field, question, text] of admin) {
      if (field === last) break;
      await wizard.answer(question, text, "Enter");
    }
    const [, question] = admin.find(([field]) => field === last) ?? [];
    await wizard.answer(question ?? "", "half", "C-c");
    const end = await wizard.screen("[exit 130]");
    expect(end).toContain("Nothing was written.");
    expect(end).not.toContain("s3cr3t");
    expect(leftBehind(wizard)).toEqual([]);
  },
  slowMs,
);

test(
  "an empty answer goes back through the administrator's questions, and what was given is offered again",
  async () => {
    await using wizard = await startWizard({ columns: 80, flags: ["--only", "gateway"] });
    await wizard.answer(asked.steps, "Enter");
    for (const [, question, text] of admin) await wizard.answer(question, text, "Enter");
    // Back to the password, and on from there.
    await wizard.answer(again, "Enter");
    await wizard.answer(
      "Password, at least 8 characters? (Empty goes back.)\n│  _",
      password,
      "Enter",
    );
    await wizard.answer(`${again} (Empty goes back.)\n│  _`, password, "Enter");
    // The plan, back to the password, which is never offered again; then to the e-mail, which is.
    await wizard.answer("make its administrator", "Down", "Enter");
    await wizard.answer("Password, at least 8 characters? (Empty goes back.)\n│  _", "Enter");
    await wizard.answer("(Empty goes back.)\n│  nobody@example.com█", "C-u", "Enter");
    await wizard.answer("(Empty goes back.)\n│  The Operator█", "C-u", "Enter");
    await wizard.answer("Space: select", "C-c");
    expect(await wizard.screen("[exit 130]")).toContain("Nothing was written.");
    expect(leftBehind(wizard)).toEqual([]);
  },
  slowMs,
);
