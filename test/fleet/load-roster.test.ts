// Loading a roster: its faults, its cache, and picking agents from it.
import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { AppError } from "../../src/errors.ts";
import { loadRoster, pickAgents } from "../../src/fleet/load-roster.ts";
import { failingFiles } from "../support/failing-files.ts";
import { fakeContext, type FakeContext } from "../support/fake-context.ts";

const file = ".config/mosaic/fleet/roster.yaml";
const cache = ".local/state/mosaic/cache/roster.json";
const three = "version: 1\nagents: [{name: lead}, {name: helper}, {name: canary-pi}]\n";

async function faultOf(
  work: () => unknown,
): Promise<{ message: string; hint: string; exitCode: number }> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError) {
      return { message: error.message, hint: error.hint ?? "", exitCode: error.exitCode };
    }
    throw error;
  }
  throw new Error("expected an AppError");
}

const names = async (ctx: FakeContext) => (await loadRoster(ctx)).agents.map((agent) => agent.name);

test("a roster that is not there is a usage error with the command that makes one", async () => {
  using ctx = fakeContext();
  expect(await faultOf(() => loadRoster(ctx))).toEqual({
    message: `there is no roster at ${ctx.home.at(file)}`,
    hint: "mosaic fleet init --profile minimal --write",
    exitCode: 2,
  });
});

test("one fault is told with its place and its hint", async () => {
  using ctx = fakeContext();
  ctx.home.write(file, "version: 1\nagents:\n  - name: a\n    runtme: pi\n");
  expect(await faultOf(() => loadRoster(ctx))).toEqual({
    message: `${ctx.home.at(file)}:4:5: agents[0]: unknown key "runtme"`,
    hint: "did you mean runtime?",
    exitCode: 2,
  });
});

test("several faults are told at once, each with its place", async () => {
  using ctx = fakeContext();
  const path = ctx.home.write(file, "version: 2\nagents:\n  - name: a\n    runtme: pi\n");
  expect(await faultOf(() => loadRoster(ctx))).toEqual({
    message: [
      "the roster has 2 faults",
      `  ${path}:1:10: version: expected 1, found 2`,
      `  ${path}:4:5: agents[0]: unknown key "runtme" (did you mean runtime?)`,
    ].join("\n"),
    hint: "",
    exitCode: 2,
  });
});

test("a roster that did not change comes from the cache", async () => {
  using ctx = fakeContext();
  ctx.home.write(file, three);
  const first = await loadRoster(ctx);
  expect(statSync(ctx.home.at(cache)).mode & 0o777).toBe(0o600);
  ctx.home.write(cache, ctx.home.read(cache).replace('"name":"lead"', '"name":"cached"'));
  expect(await names(ctx)).toEqual(["cached", "helper", "canary-pi"]);
  ctx.home.write(file, `${three}# changed\n`);
  expect(await loadRoster(ctx)).toEqual(first);
});

test.each([
  ["another version", { host: { version: "0.0.1" } }],
  ["another build", { host: { commit: "fffffff" } }],
  ["a run from source", { host: { commit: "dev" } }],
])("%s does not read the cache", async (_what, options) => {
  using ctx = fakeContext();
  ctx.home.write(file, three);
  await loadRoster(ctx);
  ctx.home.write(cache, ctx.home.read(cache).replace('"name":"lead"', '"name":"cached"'));
  expect(await names(fakeContext({ home: ctx.home, ...options }))).toEqual([
    "lead",
    "helper",
    "canary-pi",
  ]);
});

test("the same roster below another home is another roster", async () => {
  using ctx = fakeContext();
  const path = ctx.home.write(file, three);
  await loadRoster(ctx);
  using elsewhere = fakeContext({
    env: {
      MOSAIC_HOME: ctx.home.at(".config/mosaic"),
      XDG_STATE_HOME: ctx.home.at(".local/state"),
    },
  });
  expect(elsewhere.paths.config).toBe(path.replace("/fleet/roster.yaml", ""));
  expect((await loadRoster(elsewhere)).agents[0]?.workdir).toBe(elsewhere.home.path);
});

test.each(["", "{", "null", "[]", '{"key":1}'])(
  "a broken cache %j is ignored and replaced",
  async (text) => {
    using ctx = fakeContext();
    ctx.home.write(file, three);
    ctx.home.write(cache, text);
    expect(await names(ctx)).toEqual(["lead", "helper", "canary-pi"]);
    expect(ctx.home.read(cache)).toContain('"name":"lead"');
  },
);

test("a cache of the right key without a roster is ignored", async () => {
  using ctx = fakeContext();
  ctx.home.write(file, three);
  await loadRoster(ctx);
  ctx.home.write(cache, ctx.home.read(cache).replace(/"roster":.*/, '"roster":null}'));
  expect(await names(ctx)).toEqual(["lead", "helper", "canary-pi"]);
});

test("a cache that cannot be written or read costs nothing but time", async () => {
  using ctx = fakeContext();
  ctx.home.write(file, three);
  expect((await loadRoster({ ...ctx, files: failingFiles(ctx.files, 1) })).agents).toHaveLength(3);
  ctx.home.write(`${cache}/folder`, "");
  expect(await names(ctx)).toEqual(["lead", "helper", "canary-pi"]);
});

test("agents are picked in the order given, each once; all when none is named", async () => {
  using ctx = fakeContext();
  ctx.home.write(file, three);
  const roster = await loadRoster(ctx);
  const pick = (...wanted: string[]) => pickAgents(roster, wanted).map((agent) => agent.name);
  expect(pick()).toEqual(["lead", "helper", "canary-pi"]);
  expect(pick("canary-pi", "lead", "canary-pi")).toEqual(["canary-pi", "lead"]);
  expect(await faultOf(() => pick("lead", "canry-pi"))).toEqual({
    message: 'the roster has no agent "canry-pi"',
    hint: "did you mean canary-pi?",
    exitCode: 2,
  });
  expect(await faultOf(() => pick("$(id)", "../x", "$(id)"))).toEqual({
    message: 'the roster has no agents "$(id)", "../x"',
    hint: "its agents: lead, helper, canary-pi",
    exitCode: 2,
  });
});
