// The checks of what the roster asks for: itself, the runtimes, workdirs and env files.
import { chmodSync, mkdirSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import { agents } from "../../../src/doctor/checks/agents.ts";
import { roster as rosterCheck } from "../../../src/doctor/checks/roster.ts";
import { runtimes } from "../../../src/doctor/checks/runtimes.ts";
import { doctorContext, examine } from "../examine.ts";

const unitFile = ".config/systemd/user/mosaic-agent@.service";

describe("roster", () => {
  test("that is valid is told in one line", async () => {
    using ctx = doctorContext({ roster: "socket: s1\nagents: [{ name: one, runtime: canary }]\n" });
    expect(await examine(ctx, rosterCheck)).toEqual({
      status: "ok",
      detail: "~/.config/mosaic/fleet/roster.yaml: 1 agent, socket s1, supervisor auto",
      fix: "",
    });
  });

  test("that is not there comes with the command that writes one", async () => {
    using ctx = doctorContext();
    expect(await examine(ctx, rosterCheck)).toEqual({
      status: "problem",
      detail: "there is no roster at ~/.config/mosaic/fleet/roster.yaml",
      fix: "mosaic fleet init --profile minimal --write",
    });
  });

  test.each([
    [
      "agents:\n  - { name: one, runtme: canary }\n",
      /"runtme" \(did you mean runtime\?\)$/,
      /^"\$\{EDITOR/,
    ],
    ["", /is empty$/, /^mosaic fleet init --profile minimal --write --force$/],
  ])("that is %j comes with a fix that is a command", async (text, told, command) => {
    using ctx = doctorContext();
    ctx.home.write(".config/mosaic/fleet/roster.yaml", text === "" ? "" : `version: 1\n${text}`);
    const { detail, fix } = await examine(ctx, rosterCheck);
    expect(detail).toMatch(told);
    expect(fix).toMatch(command);
  });

  test("that is broken is one problem, with the place of every fault", async () => {
    using ctx = doctorContext({
      roster: "agents:\n  - { name: a.b }\n  - { name: two, runtime: nope }\n",
    });
    const { status, detail, fix } = await examine(ctx, rosterCheck);
    expect(status).toBe("problem");
    expect(detail).toContain("~/.config/mosaic/fleet/roster.yaml:3:");
    expect(detail).toContain("~/.config/mosaic/fleet/roster.yaml:4:");
    expect(fix).toBe(`"\${EDITOR:-vi}" '~/.config/mosaic/fleet/roster.yaml'`);
  });
});

function installed(ctx: ReturnType<typeof doctorContext>, file: string) {
  ctx.home.write(file, "#!/bin/sh\n", 0o755);
}

describe("runtimes", () => {
  const roster = `agents:
  - { name: one, runtime: pi }
  - { name: two, runtime: pi }
  - { name: three, runtime: canary }
`;

  test("are counted when all are there", async () => {
    using ctx = doctorContext({ roster });
    installed(ctx, "bin/pi");
    Object.assign(ctx.env, { PATH: ctx.home.at("bin") });
    expect(await examine(ctx, runtimes)).toEqual({
      status: "ok",
      detail: "pi 2, canary 1",
      fix: "",
    });
  });

  test("that are nowhere come with the install command, once for all agents", async () => {
    using ctx = doctorContext({ roster, env: { PATH: "/nowhere" } });
    const { status, detail, fix } = await examine(ctx, runtimes);
    expect({ status, fix }).toEqual({
      status: "problem",
      fix: "npm install -g @earendil-works/pi-coding-agent",
    });
    expect(detail).toEndWith("(one, two)");
    expect(detail).toContain("/nowhere");
  });

  test("on the PATH of this shell alone do not help units, which is said with the command that does", async () => {
    using ctx = doctorContext({ manager: "running", roster });
    installed(ctx, "bin/pi");
    Object.assign(ctx.env, { PATH: ctx.home.at("bin") });
    ctx.home.write(unitFile, '[Service]\nEnvironment="PATH=/nowhere"\n');
    expect(await examine(ctx, runtimes)).toEqual({
      status: "problem",
      detail: "pi is on the PATH of this shell, but not on that of the units: /nowhere (one, two)",
      fix: "mosaic fleet install-systemd",
    });
  });

  test("on the PATH of the units alone are fine", async () => {
    using ctx = doctorContext({ manager: "running", roster, env: { PATH: "/nowhere" } });
    installed(ctx, "bin/pi");
    ctx.home.write(unitFile, `[Service]\nEnvironment="PATH=${ctx.home.at("bin")}"\n`);
    expect(await examine(ctx, runtimes)).toMatchObject({ status: "ok" });
  });

  test("a relative folder or a package's own on this shell's PATH would not get into the units", async () => {
    using ctx = doctorContext({ manager: "running", roster });
    installed(ctx, "node_modules/.bin/pi");
    Object.assign(ctx.env, { PATH: ctx.home.at("node_modules/.bin") });
    ctx.home.write(unitFile, '[Service]\nEnvironment="PATH=/nowhere"\n');
    expect(await examine(ctx, runtimes)).toMatchObject({
      status: "problem",
      fix: "npm install -g @earendil-works/pi-coding-agent",
    });
  });

  test.each([
    ["hanging", "auto", "skipped: not known whether systemd runs the fleet"],
    ["hanging", "builtin", "canary 1"],
  ] as const)(
    "with a user manager that is %s and supervisor: %s: %s",
    async (manager, supervisor, detail) => {
      using ctx = doctorContext({
        manager,
        roster: `supervisor: ${supervisor}\nagents: [{ name: one, runtime: canary }]\n`,
      });
      expect(await examine(ctx, runtimes)).toMatchObject({ detail });
    },
  );
});

describe("agents", () => {
  const roster = `agents:
  - { name: one, runtime: pi, workdir: ~/work, envFile: ~/one.env }
  - { name: two, runtime: pi, workdir: ~/work }
`;

  test("are fine when their folders and files are, whatever their runtime", async () => {
    using ctx = doctorContext({ roster, env: { PATH: "/nowhere" } });
    mkdirSync(ctx.home.at("work"));
    ctx.home.write("one.env", "TOKEN=x\n");
    expect(await examine(ctx, agents)).toMatchObject({ status: "ok", fix: "" });
  });

  test("are each told with what is wrong and what mends it", async () => {
    using ctx = doctorContext({ roster, env: { PATH: "/nowhere" } });
    ctx.home.write("one.env", "TOKEN=secret-value\n");
    chmodSync(ctx.home.at("one.env"), 0o644);
    const { status, detail, fix } = await examine(ctx, agents);
    expect(status).toBe("problem");
    expect(detail.split("\n").map((line) => line.slice(0, 30))).toEqual([
      "one: workdir ~/work does not e",
      "one: envFile ~/one.env has mod",
      "two: workdir ~/work does not e",
    ]);
    expect(detail).not.toContain("secret-value");
    expect(fix.split("\n").map((line) => line.replaceAll("'", ""))).toEqual([
      "mkdir -p ~/work",
      "chmod 600 ~/one.env",
    ]);
  });
});
