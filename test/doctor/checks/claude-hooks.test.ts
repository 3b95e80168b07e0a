import { expect, test } from "bun:test";
import { claudeHooks } from "../../../src/doctor/checks/claude-hooks.ts";
import { installHooks } from "../../../src/hooks/install.ts";
import { doctorContext, examine } from "../examine.ts";

test("not installed is no fault", async () => {
  using ctx = doctorContext();
  expect(await examine(ctx, claudeHooks)).toEqual({
    status: "ok",
    detail: "not installed",
    fix: "",
  });
});

test("installed, then dropped by a session, then a file that is not JSON", async () => {
  using ctx = doctorContext();
  // The binary that the entries name.
  ctx.files = { ...ctx.files, isExecutable: async () => true };
  await installHooks(ctx, { dryRun: false });
  expect((await examine(ctx, claudeHooks)).status).toBe("ok");
  ctx.home.write(".claude/settings.json", '{"model":"opus"}');
  expect(await examine(ctx, claudeHooks)).toEqual({
    status: "problem",
    detail:
      "~/.claude/settings.json has no hook of mosaic: a session may have dropped them, or somebody has",
    fix: "mosaic config hooks repair",
  });
  ctx.home.write(".claude/settings.json", "{");
  expect((await examine(ctx, claudeHooks)).detail).toContain("not valid JSON");
});

test("a binary that is gone is a problem", async () => {
  using ctx = doctorContext();
  await installHooks(ctx, { dryRun: false });
  expect(await examine(ctx, claudeHooks)).toEqual({
    status: "problem",
    detail: "/opt/mosaic/mosaic is not executable",
    fix: "",
  });
});

test("CLAUDE_HOME and CLAUDE_CONFIG_DIR that differ are a warning", async () => {
  using ctx = doctorContext({ env: { CLAUDE_HOME: "/a", CLAUDE_CONFIG_DIR: "/b" } });
  const { status, fix } = await examine(ctx, claudeHooks);
  expect([status, fix]).toEqual(["warning", "unset CLAUDE_HOME"]);
});
