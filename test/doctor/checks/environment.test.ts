// What doctor says of the environment of the shell, and of the units' beside it.
import { describe, expect, test } from "bun:test";
import { environment, hostileSettings } from "../../../src/doctor/checks/environment.ts";
import { sourceFiles } from "../../support/source-files.ts";
import { doctorContext, examine } from "../examine.ts";

const agentUnit = ".config/systemd/user/mosaic-agent@.service";

describe("environment", () => {
  test.each([
    { env: {}, status: "ok", detail: "nothing that changes what mosaic does", fix: "" },
    {
      env: { BUN_OPTIONS: "--preload ./x.js", NODE_OPTIONS: "--inspect", BUN_INSPECT: "" },
      status: "warning",
      detail:
        "BUN_OPTIONS, NODE_OPTIONS set: programs started here load what it names; units and agents do not get it",
      fix: "unset BUN_OPTIONS NODE_OPTIONS",
    },
    {
      env: { XDG_STATE_HOME: "state" },
      status: "problem",
      detail: "XDG_STATE_HOME=state is not absolute: programs would disagree on where it is",
      fix: "unset XDG_STATE_HOME",
    },
  ])("$env: $status", async ({ env, ...answer }) => {
    using ctx = doctorContext({ env });
    expect(await examine(ctx, environment)).toEqual(answer);
    ctx.done();
  });

  const table: {
    what: string;
    env: Record<string, string>;
    unit?: string;
    manager?: string;
    detail: string;
    fix: string;
  }[] = [
    {
      what: "the same folders, written differently",
      env: { XDG_STATE_HOME: "/srv/state/", TMUX_TMPDIR: "/tmp" },
      unit: 'Environment="XDG_STATE_HOME=/srv/state"\n',
      detail: "nothing that changes what mosaic does",
      fix: "",
    },
    {
      what: "a state folder in the unit alone",
      env: {},
      unit: 'Environment="XDG_STATE_HOME=/srv/100%%"\n',
      detail:
        "the state folder of this shell is ~/.local/state/mosaic, that of the units /srv/100%/mosaic (XDG_STATE_HOME)",
      fix: "export XDG_STATE_HOME='/srv/100%'",
    },
    {
      what: "a state folder in the shell alone",
      env: { XDG_STATE_HOME: "/srv/state" },
      detail:
        "the state folder of this shell is /srv/state/mosaic, that of the units ~/.local/state/mosaic (XDG_STATE_HOME)",
      fix: "unset XDG_STATE_HOME",
    },
    {
      what: "a folder that the user manager hands down",
      env: {},
      manager: "TMUX_TMPDIR=$'/srv/it\\'s'\n",
      detail:
        "the folder of tmux sockets of this shell is /tmp, that of the units /srv/it's (TMUX_TMPDIR)",
      fix: "export TMUX_TMPDIR='/srv/it'\\''s'",
    },
    {
      what: "another home",
      env: {},
      manager: "HOME=/home/other\n",
      detail:
        "the state folder of this shell is ~/.local/state/mosaic, that of the units /home/other/.local/state/mosaic (XDG_STATE_HOME)",
      fix: "systemctl --user show-environment",
    },
  ];
  test.each(table)("with $what", async ({ env, unit = "", manager = "", detail, fix }) => {
    using ctx = doctorContext({ manager: "running", env });
    ctx.home.write(agentUnit, `[Service]\n${unit}`);
    ctx.expectExec(["systemctl", "--user", "show-environment"], {
      stdout: `LANG=C.UTF-8\n${manager}`,
    });
    const status = fix === "" ? "ok" : "problem";
    expect(await examine(ctx, environment)).toEqual({ status, detail, fix });
    ctx.done();
  });

  test("the units unset every hostile setting that is looked for", () => {
    const unset = sourceFiles("framework/systemd/user/mosaic-*.service").map(({ text }) =>
      (/^UnsetEnvironment=(.*)$/m.exec(text)?.[1] ?? "").split(" "),
    );
    expect(unset.length).toBeGreaterThan(1);
    for (const names of unset) {
      expect(names.filter((name) => !name.startsWith("TMUX")).toSorted()).toEqual(
        hostileSettings.toSorted(),
      );
    }
  });
});
