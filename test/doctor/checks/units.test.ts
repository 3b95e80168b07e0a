// What doctor says of the installed units, by their files and by what the user manager shows.
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import { units } from "../../../src/doctor/checks/units.ts";
import { loadRoster } from "../../../src/fleet/load-roster.ts";
import { planUnits, writeUnits } from "../../../src/supervisors/systemd/sync.ts";
import { doctorContext, type DoctorContextOptions, examine } from "../examine.ts";

const unitFolder = ".config/systemd/user";
const agentUnit = `${unitFolder}/mosaic-agent@.service`;
const one = "agents: [{ name: one, runtime: canary }]\n";

/** Units installed by this very mosaic, then changed. */
async function installed(options: DoctorContextOptions = {}) {
  const ctx = doctorContext({ manager: "running", roster: one, ...options });
  const plan = await planUnits(ctx, {
    roster: await loadRoster(ctx),
    environment: "captured",
  });
  await writeUnits(ctx, plan, { force: false });
  return ctx;
}

describe("units", () => {
  const names = ["mosaic-tmux-holder.service", "mosaic-agent@one.service"];
  const properties = "--property=Id,LoadState,UnitFileState,NeedDaemonReload";
  const show = ["systemctl", "--user", "show", properties, "--", ...names];

  function shown(values: Record<string, string> = {}): string {
    const all = {
      LoadState: "loaded",
      UnitFileState: "enabled",
      NeedDaemonReload: "no",
      ...values,
    };
    const lines = Object.entries(all).map(([key, value]) => `${key}=${value}\n`);
    return names.map((name) => `Id=${name}\n${lines.join("")}`).join("\n");
  }

  test("as installed, loaded and enabled are ok; a new PATH of the shell does not make them old", async () => {
    using ctx = await installed();
    Object.assign(ctx.env, { PATH: "/opt/other:/usr/bin", LANG: "C" });
    ctx.expectExec(show, { stdout: shown() });
    expect(await examine(ctx, units)).toEqual({
      status: "ok",
      detail: "installed and current, for 1 agent",
      fix: "",
    });
    ctx.done();
  });

  test("that are missing are problems, and the manager is not asked for them", async () => {
    using ctx = doctorContext({ manager: "running", roster: one });
    const { status, detail, fix } = await examine(ctx, units);
    expect({ status, fix }).toEqual({ status: "problem", fix: "mosaic fleet install-systemd" });
    expect(detail.split("\n")).toEqual([
      `~/${unitFolder}/mosaic-tmux-holder.service is missing`,
      `~/${unitFolder}/mosaic-agent@.service is missing`,
      `~/${unitFolder}/mosaic-agent@one.service.d/10-mosaic-roster.conf is missing`,
    ]);
    ctx.done();
  });

  test("that a person edited are a warning", async () => {
    using ctx = await installed();
    writeFileSync(ctx.home.at(agentUnit), `${ctx.home.read(agentUnit)}# mine\n`);
    ctx.expectExec(show, { stdout: shown() });
    expect(await examine(ctx, units)).toEqual({
      status: "warning",
      detail: `~/${agentUnit} was edited, and is kept so; put changes into a drop-in`,
      fix: "mosaic fleet install-systemd --force",
    });
  });

  test("of another socket are a problem: they would run another fleet", async () => {
    using ctx = await installed();
    ctx.home.write(".config/mosaic/fleet/roster.yaml", `version: 1\nsocket: s2\n${one}`);
    ctx.expectExec(show, { stdout: shown() });
    const { status, detail, fix } = await examine(ctx, units);
    expect({ status, fix }).toEqual({ status: "problem", fix: "mosaic fleet install-systemd" });
    expect(detail).toContain(
      "mosaic-agent@.service was made for MOSAIC_SOCKET=mosaic-factory instead of s2",
    );
  });

  test("of an older roster, and for an agent that is no more, are warnings", async () => {
    using ctx = await installed({
      roster: "agents: [{ name: one, runtime: canary }, { name: two, runtime: canary }]\n",
    });
    const roster = "agents: [{ name: one, runtime: canary, restart: { burst: 9 } }]\n";
    ctx.home.write(".config/mosaic/fleet/roster.yaml", `version: 1\n${roster}`);
    ctx.expectExec(show, { stdout: shown() });
    expect(await examine(ctx, units)).toEqual({
      status: "warning",
      detail: [
        `~/${unitFolder}/mosaic-agent@one.service.d/10-mosaic-roster.conf is of another version or an older roster`,
        `~/${unitFolder}/mosaic-agent@two.service.d/10-mosaic-roster.conf is for an agent that the roster no longer has`,
      ].join("\n"),
      fix: "mosaic fleet install-systemd",
    });
  });

  test.each([
    {
      said: { stdout: shown({ NeedDaemonReload: "yes" }) },
      status: "warning",
      detail: "the user manager has not read the newest units",
      fix: "systemctl --user daemon-reload",
    },
    {
      said: { stdout: shown({ UnitFileState: "disabled" }) },
      status: "warning",
      detail: "not started at boot: mosaic-tmux-holder.service, mosaic-agent@one.service",
      fix: "mosaic fleet install-systemd",
    },
    {
      said: { stdout: shown({ LoadState: "masked" }) },
      status: "problem",
      detail: names.map((name) => `the user manager says of ${name}: masked`).join("\n"),
      fix: names.map((name) => `systemctl --user status ${name}`).join("\n"),
    },
    {
      said: { exitCode: 1, stderr: "Failed" },
      status: "warning",
      detail: "cannot tell whether they are loaded: systemctl --user show failed",
      fix: "",
    },
  ])("$detail", async ({ said, ...answer }) => {
    using ctx = await installed();
    ctx.expectExec(show, said);
    expect(await examine(ctx, units)).toEqual(answer);
  });

  test("in a folder where the manager does not look are a problem", async () => {
    using ctx = doctorContext({
      manager: "running",
      roster: one,
      env: { XDG_CONFIG_HOME: undefined },
    });
    Object.assign(ctx.env, { XDG_CONFIG_HOME: ctx.home.at("elsewhere") });
    ctx.home.write("elsewhere/mosaic/fleet/roster.yaml", `version: 1\n${one}`);
    await writeUnits(
      ctx,
      await planUnits(ctx, { roster: await loadRoster(ctx), environment: "captured" }),
      { force: false },
    );
    expect(await examine(ctx, units)).toMatchObject({
      status: "problem",
      detail:
        "the user manager, of another HOME or XDG_CONFIG_HOME, does not look into ~/elsewhere/systemd/user",
    });
  });

  test("with the builtin supervisor are not needed, and one that is left is a warning", async () => {
    using ctx = doctorContext({ roster: `supervisor: builtin\n${one}` });
    expect(await examine(ctx, units)).toMatchObject({
      status: "ok",
      detail: "not needed (supervisor builtin)",
    });
    ctx.home.write(`${unitFolder}/mosaic-tmux-holder.service`, "");
    expect(await examine(ctx, units)).toMatchObject({
      status: "warning",
      fix: "systemctl --user disable --now mosaic-tmux-holder.service",
    });
    ctx.done();
  });
});
