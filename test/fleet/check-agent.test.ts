// The faults of one agent before its start, each on real files.
import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import type { Agent } from "../../src/domain/roster.ts";
import { runtimeNames, runtimes } from "../../src/domain/runtimes.ts";
import { checkAgent } from "../../src/fleet/check-agent.ts";
import { fakeContext, type FakeContext } from "../support/fake-context.ts";

function agentIn(ctx: FakeContext, changes: Partial<Agent> = {}): Agent {
  return {
    name: "a",
    runtime: "canary",
    workdir: ctx.home.path,
    args: [],
    env: {},
    limits: {},
    restart: {
      policy: "on-failure",
      burst: 5,
      windowMs: 900_000,
      backoffMs: 1000,
      backoffMaxMs: 60_000,
    },
    ...changes,
  };
}

const check = (ctx: FakeContext, changes: Partial<Agent>, searchPath = "/usr/bin:/bin") =>
  checkAgent(ctx, agentIn(ctx, changes), { searchPath });

test("an agent with nothing wrong has no faults", async () => {
  using ctx = fakeContext();
  const envFile = ctx.home.write("a.env", "A=1\n");
  expect(await check(ctx, { envFile })).toEqual([]);
});

test("a workdir that is missing, or a file, is told; a linked folder is fine", async () => {
  using ctx = fakeContext();
  const path = ctx.home.at("it's here");
  expect(await check(ctx, { workdir: path })).toEqual([
    {
      message: `workdir ${path} does not exist`,
      hint: `mkdir -p '${ctx.home.path}/it'\\''s here'`,
    },
  ]);
  const file = ctx.home.write("file", "");
  expect(await check(ctx, { workdir: file })).toEqual([
    { message: `workdir ${file} is not a folder`, hint: "" },
  ]);
  mkdirSync(ctx.home.at("real"));
  symlinkSync(ctx.home.at("real"), ctx.home.at("linked"));
  expect(await check(ctx, { workdir: ctx.home.at("linked") })).toEqual([]);
  symlinkSync(ctx.home.at("nowhere"), ctx.home.at("dangling"));
  const dangling = ctx.home.at("dangling");
  expect(await check(ctx, { workdir: dangling })).toEqual([
    { message: `workdir ${dangling} is not a folder`, hint: "" },
  ]);
});

test("an envFile that is missing, a link or a folder is told", async () => {
  using ctx = fakeContext();
  const path = ctx.home.at("a.env");
  expect(await check(ctx, { envFile: path })).toEqual([
    { message: `envFile ${path} does not exist`, hint: `install -m 600 /dev/null ${path}` },
  ]);
  symlinkSync(ctx.home.write("real.env", "A=1\n", 0o644), path);
  expect(await check(ctx, { envFile: path })).toEqual([
    { message: `envFile ${path} is a symlink`, hint: "name the file itself in the roster" },
  ]);
  mkdirSync(ctx.home.at("b.env"));
  expect(await check(ctx, { envFile: ctx.home.at("b.env") })).toEqual([
    { message: `envFile ${ctx.home.at("b.env")} is not a file`, hint: "" },
  ]);
});

test.each([
  [0o600, []],
  [0o400, []],
  [0o700, []],
  [0o640, ["has mode 0640"]],
  [0o604, ["has mode 0604"]],
  [0o660, ["has mode 0660"]],
])("an envFile of mode %o", async (mode, expected) => {
  using ctx = fakeContext();
  const envFile = ctx.home.write("a.env", "A=1\n");
  chmodSync(envFile, mode);
  const faults = await check(ctx, { envFile });
  expect(faults.map(({ message }) => /has mode \d+/.exec(message)?.[0] ?? message)).toEqual(
    expected,
  );
  expect(faults.map(({ hint }) => hint)).toEqual(expected.map(() => `chmod 600 ${envFile}`));
});

test("every bad line of an envFile is told with its place, and without the secret", async () => {
  using ctx = fakeContext();
  const envFile = ctx.home.write("a.env", "A=1\nhunter2\nB C=hunter2\n", 0o644);
  const faults = await check(ctx, { envFile });
  expect(faults.map(({ message }) => message)).toEqual([
    `envFile ${envFile} has mode 0644: others on this host can read or change the secrets in it`,
    `${envFile}:2: expected KEY=VALUE, found a line without =`,
    `${envFile}:3: expected a variable's name before =: letters, digits and _, no digit first`,
  ]);
});

test("a file that cannot be read is a fault, not a crash", async () => {
  using ctx = fakeContext();
  const envFile = ctx.home.write("a.env", "A=1\n");
  const { AppError } = await import("../../src/errors.ts");
  const readText = () =>
    Promise.reject(new AppError("cannot read it: permission denied", { hint: "ls -l" }));
  const faults = await checkAgent(
    { ...ctx, files: { ...ctx.files, readText } },
    agentIn(ctx, { envFile }),
    {
      searchPath: "",
    },
  );
  expect(faults).toEqual([{ message: "cannot read it: permission denied", hint: "ls -l" }]);
});

const onPath = runtimeNames.filter((name) => runtimes[name].program.kind === "path");

test.each(onPath)(
  "the runtime %s is looked for on the given path, with its install command",
  async (runtime) => {
    using ctx = fakeContext();
    const { program, installHint, title } = runtimes[runtime];
    const binary = program.kind === "path" ? program.binary : "";
    const searchPath = `${ctx.home.at("empty")}:${ctx.home.at("bin")}`;
    expect(await check(ctx, { runtime }, searchPath)).toEqual([
      {
        message: `${title} is not installed: ${binary} is not on PATH (${searchPath})`,
        hint: installHint,
      },
    ]);
    ctx.home.write(`bin/${binary}`, "#!/bin/sh\n", 0o644);
    expect(await check(ctx, { runtime }, searchPath)).toHaveLength(1);
    chmodSync(ctx.home.at(`bin/${binary}`), 0o755);
    expect(await check(ctx, { runtime }, searchPath)).toEqual([]);
  },
);

test("the agent's own PATH is the one that counts, the envFile's before the roster's", async () => {
  using ctx = fakeContext();
  ctx.home.write("bin/tool", "#!/bin/sh\n", 0o755);
  expect(await check(ctx, command("tool"))).toEqual([
    { message: "cannot run tool: not on PATH (/usr/bin:/bin)", hint: "" },
  ]);
  const PATH = ctx.home.at("bin");
  expect(await check(ctx, { ...command("tool"), env: { PATH } })).toEqual([]);
  const envFile = ctx.home.write("a.env", "PATH=/nowhere\n");
  expect(await check(ctx, { ...command("tool"), env: { PATH }, envFile })).toEqual([
    { message: "cannot run tool: not on PATH (/nowhere)", hint: "" },
  ]);
});

const command = (program: string): Partial<Agent> => ({ runtime: "command", args: [program] });

test("a command with a slash is looked for from the workdir", async () => {
  using ctx = fakeContext();
  ctx.home.write("bin/tool", "#!/bin/sh\n", 0o755);
  expect(await check(ctx, command("./bin/tool"))).toEqual([]);
  expect(await check(ctx, command(ctx.home.at("bin/tool")))).toEqual([]);
  expect(await check(ctx, command("bin"))).toHaveLength(1);
  expect(await check(ctx, command("./bin"))).toEqual([
    { message: "cannot run ./bin: not an executable file", hint: "" },
  ]);
});

test("all faults of an agent are told at once", async () => {
  using ctx = fakeContext();
  const faults = await check(ctx, {
    runtime: "command",
    args: ["tool"],
    workdir: "/no/where",
    envFile: "/no/file",
  });
  expect(faults).toHaveLength(3);
});
