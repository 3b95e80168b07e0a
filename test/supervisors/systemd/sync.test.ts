// What of the installed units a start may change: nothing that the shell of a cron job has otherwise.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadRoster } from "../../../src/fleet/load-roster.ts";
import { systemdSupervisor } from "../../../src/supervisors/systemd/index.ts";
import { installSystemd } from "../../../src/supervisors/systemd/install.ts";
import { unitEnvironmentOf } from "../../../src/supervisors/systemd/unit-environment.ts";
import { fakeContext } from "../../support/fake-context.ts";
import { rest } from "../../support/fake-exec.ts";
import { rosterText, stubManager, writeRoster } from "../../support/systemd-stubs.ts";

const shell = {
  PATH: "/opt/tools/bin:/usr/bin",
  LANG: "de_DE.UTF-8",
  XDG_STATE_HOME: undefined,
  TMUX_TMPDIR: "/run/t %h",
};

/** Installed from that shell. */
async function installed() {
  const ctx = fakeContext({ env: shell });
  writeRoster(ctx);
  stubManager(ctx);
  ctx.allowExec(["systemctl", "--user", rest]);
  ctx.allowExec(["id", "-un"], { stdout: "x\n" });
  await installSystemd(ctx, { dryRun: false, force: false });
  const file = (unit: string) => `${ctx.paths.systemdUser}/${unit}`;
  const units = ["mosaic-tmux-holder.service", "mosaic-agent@.service"].map(file);
  const read = () => units.map((path) => readFileSync(path, "utf8"));
  return { ctx, units, read };
}

const cron = { PATH: "/usr/bin:/bin", LANG: undefined, XDG_STATE_HOME: "/s", TMUX_TMPDIR: "/t" };

test("a start from a bare shell leaves the units as they were installed", async () => {
  const { ctx, read } = await installed();
  using _ = ctx;
  const before = read();
  Object.assign(ctx.env, cron);
  await systemdSupervisor(ctx, await loadRoster(ctx)).ensureHolder();
  expect(read()).toEqual(before);
  for (const text of before) {
    const { PATH, LANG, TMUX_TMPDIR } = shell;
    expect(Object.fromEntries(unitEnvironmentOf(text))).toMatchObject({
      PATH: `${PATH}:/usr/local/bin:/bin`,
      LANG,
      TMUX_TMPDIR,
    });
    expect(unitEnvironmentOf(text).has("XDG_STATE_HOME")).toBe(false);
  }
});

/** Without the stamp. */
function body(text: string): string {
  return text.slice(text.indexOf("\n"));
}

test("a start brings the roster's socket into the units, and keeps the rest", async () => {
  const { ctx, read } = await installed();
  using _ = ctx;
  const before = read();
  Object.assign(ctx.env, cron);
  writeRoster(ctx, rosterText.replace("mosaic-factory", "other"));
  await systemdSupervisor(ctx, await loadRoster(ctx)).ensureHolder();
  expect(read().map(body)).toEqual(
    before.map((text) => body(text.replaceAll("mosaic-factory", "other"))),
  );
});

test("install-systemd takes the environment anew", async () => {
  const { ctx, read } = await installed();
  using _ = ctx;
  Object.assign(ctx.env, cron);
  await installSystemd(ctx, { dryRun: false, force: false });
  for (const text of read()) {
    expect(Object.fromEntries(unitEnvironmentOf(text))).toMatchObject({
      PATH: "/usr/bin:/bin:/usr/local/bin",
      LANG: "C.UTF-8",
      XDG_STATE_HOME: "/s",
    });
  }
});

test("an edited unit is never missing while it is replaced: the backup is a copy", async () => {
  const { ctx, units } = await installed();
  using _ = ctx;
  const [, agent = ""] = units;
  writeFileSync(agent, "# mine\n");
  const seen: string[] = [];
  const { files } = ctx;
  ctx.files = {
    ...files,
    write: async (path, ...others) => {
      seen.push(readFileSync(agent, "utf8"));
      await files.write(path, ...others);
    },
  };
  await installSystemd(ctx, { dryRun: false, force: true });
  expect(seen).toContain("# mine\n");
  const names = readdirSync(ctx.paths.systemdUser);
  const backups = names.filter((name) => /^mosaic-agent@\.service\.bak-\d{8}T\d{6}Z$/.test(name));
  expect(backups).toHaveLength(1);
});
