// `mosaic doctor` of the built binary: in an empty home, in one with the demo roster, and beside a fleet that runs
// under a real user manager.
import { mkdirSync, readdirSync } from "node:fs";
import { expect, test } from "bun:test";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { runCommand } from "../support/run-command.ts";
import { systemdFleet } from "../support/systemd-fleet.ts";
import { tempHome } from "../support/temp-home.ts";

const limitMs = 60_000;

interface Report {
  schemaVersion: number;
  ok: boolean;
  problems: number;
  checks: { id: string; status: string; detail: string; fix: string }[];
}

/** A home in which no user manager answers, whatever runs on this host. */
async function bareHome() {
  const dir = tempHome();
  const binary = await mosaicBinary();
  for (const folder of ["home", "run", "tmux"]) mkdirSync(dir.at(folder), { mode: 0o700 });
  const env = {
    HOME: dir.at("home"),
    PATH: "/usr/bin:/bin",
    XDG_RUNTIME_DIR: dir.at("run"),
    TMUX_TMPDIR: dir.at("tmux"),
  };
  return {
    mosaic: (...args: string[]) => runCommand([binary, ...args], { env, cwd: dir.at("home") }),
    filesOfHome: () => readdirSync(dir.at("home"), { recursive: true }),
    [Symbol.dispose]: () => dir[Symbol.dispose](),
  };
}

function idsOf(report: Report, status: string): string[] {
  return report.checks.filter((check) => check.status === status).map(({ id }) => id);
}

test(
  "in an empty home the roster is the one problem, and nothing is left there",
  async () => {
    using home = await bareHome();
    const { exitCode, stdout, stderr } = await home.mosaic("doctor", "--json");
    const report: Report = JSON.parse(stdout);
    expect({
      exitCode,
      stderr,
      schemaVersion: report.schemaVersion,
      problems: idsOf(report, "problem"),
    }).toEqual({
      exitCode: 3,
      stderr: "",
      schemaVersion: 1,
      problems: ["roster"],
    });
    expect(home.filesOfHome()).toEqual([]);
    const text = await home.mosaic("doctor");
    expect(text.exitCode).toBe(3);
    expect(text.stdout).toContain("         fix: mosaic fleet init --profile minimal --write\n");
    expect(text.stdout).toMatch(/^warning +agents +skipped: no valid roster$/m);
  },
  limitMs,
);

test(
  "with the demo roster and no user manager a home is healthy",
  async () => {
    using home = await bareHome();
    expect((await home.mosaic("fleet", "init", "--profile", "demo", "--write")).exitCode).toBe(0);
    const { exitCode, stdout } = await home.mosaic("doctor", "--json");
    const report: Report = JSON.parse(stdout);
    expect({ exitCode, ok: report.ok, problems: idsOf(report, "problem") }).toEqual({
      exitCode: 0,
      ok: true,
      problems: [],
    });
    const files = home.filesOfHome();
    await home.mosaic("doctor");
    expect(home.filesOfHome()).toEqual(files);
  },
  limitMs,
);

test(
  "beside a fleet under systemd only linger is left to say, until the shell looks elsewhere",
  async () => {
    await using fleet = await systemdFleet();
    const doctor = async (env: Record<string, string> = {}) => {
      const done = await fleet.mosaic(["doctor", "--json"], { env: { ...fleet.env, ...env } });
      const report: Report = JSON.parse(done.stdout);
      return { exitCode: done.exitCode, report };
    };
    expect((await fleet.mosaic(["fleet", "init", "--profile", "demo", "--write"])).exitCode).toBe(
      0,
    );
    const before = await doctor();
    expect({ exitCode: before.exitCode, problems: idsOf(before.report, "problem") }).toEqual({
      exitCode: 3,
      problems: ["units"],
    });
    expect((await fleet.mosaic(["fleet", "install-systemd"])).exitCode).toBe(0);
    expect((await fleet.mosaic(["fleet", "start"])).exitCode).toBe(0);
    const { exitCode, report } = await doctor();
    const notOk = report.checks.filter(({ id, status }) => status !== "ok" && id !== "linger");
    expect({ exitCode, notOk }).toEqual({ exitCode: 0, notOk: [] });
    expect(report.checks.find(({ id }) => id === "tmux-server")?.detail).toBe(
      "ours, on socket mosaic-factory",
    );

    const elsewhere = await doctor({
      XDG_STATE_HOME: `${fleet.manager.home}/elsewhere`,
      BUN_INSPECT_NOTIFY: "x",
    });
    expect(elsewhere.exitCode).toBe(3);
    expect(elsewhere.report.checks.find(({ id }) => id === "environment")).toMatchObject({
      status: "problem",
      fix: "unset BUN_INSPECT_NOTIFY\nunset XDG_STATE_HOME",
    });
  },
  limitMs,
);
