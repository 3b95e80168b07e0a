import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { renderUnit, rosterDropIn, unitPath } from "../../../src/supervisors/systemd/units.ts";
import { isUntouched } from "../../../src/supervisors/systemd/sync.ts";
import { runCommand } from "../../support/run-command.ts";
import { tempHome } from "../../support/temp-home.ts";

const units = `${import.meta.dir}/../../../framework/systemd/user`;
const read = (unit: string) => readFileSync(`${units}/${unit}`, "utf8");
const hostile = `a "b" \\c %h $HOME \${X} 'd'`;

test("a rendered unit passes systemd-analyze verify without a word, hostile values included", async () => {
  using home = tempHome();
  const configDir = `${home.path}/${hostile.replaceAll("/", "")}`;
  mkdirSync(`${configDir}/tools/fleet`, { recursive: true });
  const facts = {
    configDir,
    env: { PATH: "/usr/bin:/bin", HOSTILE: hostile, MOSAIC_SOCKET: "mosaic-factory" },
  };
  const files = ["mosaic-tmux-holder.service", "mosaic-agent@.service"].map((unit) => {
    const path = `${home.path}/${unit.replace("@", "@x")}`;
    writeFileSync(path, renderUnit(read(unit), facts));
    return path;
  });
  const verified = await runCommand(["systemd-analyze", "--user", "verify", ...files], {
    env: { PATH: "/usr/bin:/bin", HOME: home.path, XDG_RUNTIME_DIR: home.path },
  });
  expect(verified).toMatchObject({ exitCode: 0, stderr: "" });
});

test("the environment stands first in [Service], quoted for a unit file", () => {
  const text = renderUnit("[Unit]\n[Service]\nType=simple\n", {
    configDir: "/c",
    env: { A: hostile },
  });
  expect(text).toBe(
    `[Unit]\n[Service]\nEnvironment="A=a \\"b\\" \\\\c %%h $HOME \${X} 'd'"\nType=simple\n`,
  );
});

test("the folder in an Exec line is quoted and has no specifier left", () => {
  const text = renderUnit('[Service]\nExecStart=/bin/sh "%E/mosaic/x" %i\n', {
    configDir: "/a%b$c",
    env: {},
  });
  expect(text).toContain('ExecStart=/bin/sh "/a%%b$$c/x" %i');
});

test("the drop-in carries the roster's restart policy", () => {
  const restart = {
    policy: "never",
    burst: 3,
    windowMs: 60_000,
    backoffMs: 1000,
    backoffMaxMs: 120_000,
  } as const;
  expect(rosterDropIn({ restart })).toBe(
    [
      "# From roster.yaml, which is the place to edit.",
      "[Unit]",
      "StartLimitBurst=3",
      "StartLimitIntervalSec=60000ms",
      "[Service]",
      "Restart=no",
      "TimeoutStartSec=210000ms",
      "",
    ].join("\n"),
  );
});

test("a unit's PATH has absolute folders, each once, and no package's own bin", () => {
  const path = "/a:relative::/a:/x/node_modules/.bin:/usr/bin";
  expect(unitPath(path)).toBe("/a:/usr/bin:/usr/local/bin:/bin");
});

test("a unit that a person changed is told from one of ours", async () => {
  const { sha256Hex } = await import("../../../src/domain/hash.ts");
  const body = "[Unit]\n";
  const ours = `# Written by mosaic, sha256 ${sha256Hex(body)}; change it with: systemctl --user edit\n${body}`;
  expect([isUntouched(ours), isUntouched(`${ours}#`), isUntouched(body)]).toEqual([
    true,
    false,
    false,
  ]);
});
