import { expect, test } from "bun:test";
import { logins } from "../../../src/doctor/checks/logins.ts";
import { type RuntimeName, runtimeNames, runtimes } from "../../../src/domain/runtimes.ts";
import { doctorContext, examine } from "../examine.ts";

const roster = (runtime: RuntimeName, more = "") =>
  `agents:\n  - { name: one, runtime: ${runtime}, args: [x]${more} }\n`;

const needing = runtimeNames.filter((name) => runtimes[name].login.signs.length > 0);

test("the canary needs none", async () => {
  using ctx = doctorContext({ roster: roster("canary") });
  expect(await examine(ctx, logins)).toEqual({
    status: "ok",
    detail: "no runtime of the roster needs one",
    fix: "",
  });
});

test.each(needing)("%s without any sign is a warning that names the agent", async (runtime) => {
  using ctx = doctorContext({ roster: roster(runtime) });
  const { status, detail, fix } = await examine(ctx, logins);
  expect([status, fix]).toEqual(["warning", runtime]);
  expect(detail).toContain("for one (looked at ~/.");
});

test.each(needing)("%s with a key in its env is fine", async (runtime) => {
  const [name = ""] = runtimes[runtime].login.variables;
  using ctx = doctorContext({ roster: roster(runtime, `, env: { ${name}: x }`) });
  expect((await examine(ctx, logins)).status).toBe("ok");
});

test("a key in the envFile is fine, and one in this shell is not: agents do not get it", async () => {
  const env = { ANTHROPIC_API_KEY: "x" };
  using ctx = doctorContext({ roster: roster("claude", ", envFile: ~/claude.env"), env });
  ctx.home.write("claude.env", "");
  expect((await examine(ctx, logins)).status).toBe("warning");
  ctx.home.write("claude.env", "ANTHROPIC_API_KEY=x\n");
  expect((await examine(ctx, logins)).status).toBe("ok");
});

test.each([
  ["claude", ".claude/.credentials.json", '{"claudeAiOauth":{"accessToken":"x"}}'],
  ["codex", ".codex/auth.json", '{"tokens":{"id_token":"x"}}'],
  ["codex", ".codex/config.toml", 'model = "m"\nmodel_provider = "own"\n'],
  ["opencode", ".local/share/opencode/auth.json", '{"anthropic":{"type":"api","key":"x"}}'],
  ["pi", ".pi/agent/auth.json", '{"anthropic":{"type":"oauth","access":"x"}}'],
] as const)("%s is logged in by %s", async (runtime, file, text) => {
  using ctx = doctorContext({ roster: roster(runtime) });
  ctx.home.write(file, "{}");
  expect((await examine(ctx, logins)).status).toBe("warning");
  ctx.home.write(file, text);
  expect((await examine(ctx, logins)).status).toBe("ok");
});
