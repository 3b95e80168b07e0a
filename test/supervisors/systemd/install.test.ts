import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { installSystemd } from "../../../src/supervisors/systemd/install.ts";
import { fakeContext } from "../../support/fake-context.ts";
import { rest } from "../../support/fake-exec.ts";
import { stubManager, writeRoster } from "../../support/systemd-stubs.ts";

const options = { dryRun: false, force: false };

test.each([
  ["/dev/null", "hint: loginctl enable-linger nobody-lingers"],
  ["/nonexistent/bus", "because there is no system bus (/nonexistent/bus)"],
])("units are written, enabled and the state of linger is told: bus %s", async (bus, told) => {
  using ctx = fakeContext({ env: { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${bus}` } });
  writeRoster(ctx);
  stubManager(ctx);
  ctx.expectExec(["systemctl", "--user", "daemon-reload"]);
  ctx.expectExec([
    "systemctl",
    "--user",
    "enable",
    "--quiet",
    "mosaic-tmux-holder.service",
    "mosaic-agent@one.service",
    "mosaic-agent@two.service",
  ]);
  ctx.expectExec(["id", "-un"], { stdout: "nobody-lingers\n" });
  expect(await installSystemd(ctx, options)).toBe(0);
  expect(ctx.stdout.match(/^written/gm)?.length).toBe(4);
  expect(ctx.stderr).toContain(told);
  ctx.done();
});

test("a second time nothing is written", async () => {
  using ctx = fakeContext();
  writeRoster(ctx);
  stubManager(ctx);
  ctx.allowExec(["systemctl", "--user", rest]);
  ctx.allowExec(["id", "-un"], { stdout: "x\n" });
  await installSystemd(ctx, options);
  const before = ctx.stdout.length;
  await installSystemd(ctx, options);
  expect(ctx.stdout.slice(before).match(/^unchanged/gm)?.length).toBe(4);
});

test("an agent that left the roster loses its drop-in", async () => {
  using ctx = fakeContext();
  writeRoster(ctx);
  stubManager(ctx);
  ctx.allowExec(["systemctl", "--user", rest]);
  ctx.allowExec(["id", "-un"], { stdout: "x\n" });
  await installSystemd(ctx, options);
  writeRoster(
    ctx,
    "version: 1\nsocket: mosaic-factory\nagents: [{ name: one, runtime: command, args: [cat], workdir: / }]\n",
  );
  await installSystemd(ctx, options);
  expect(existsSync(`${ctx.paths.systemdUser}/mosaic-agent@two.service.d`)).toBe(false);
  expect(existsSync(`${ctx.paths.systemdUser}/mosaic-agent@one.service.d`)).toBe(true);
});

test("--dry-run prints the units and writes nothing", async () => {
  using ctx = fakeContext();
  writeRoster(ctx);
  stubManager(ctx);
  expect(await installSystemd(ctx, { dryRun: true, force: false })).toBe(0);
  expect(ctx.stdout).toContain("[Service]");
  expect(existsSync(ctx.paths.systemdUser)).toBe(false);
});

const missing: [string, { exitCode: number; stderr: string }, string, boolean][] = [
  ["no systemctl", { exitCode: 127, stderr: "" }, "this host has no systemctl", false],
  [
    "no bus",
    { exitCode: 1, stderr: "Failed to connect to bus: No medium found" },
    "no systemd user manager answers",
    true,
  ],
  [
    "denied",
    { exitCode: 1, stderr: "Failed to connect to bus: Operation not permitted" },
    "refuses us",
    true,
  ],
];

test.each(missing)("%s is named, with what to do", async (_, answer, message, written) => {
  using ctx = fakeContext();
  writeRoster(ctx);
  stubManager(ctx, answer);
  const fault = await installSystemd(ctx, options).catch((error: unknown) => error);
  expect(fault).toMatchObject({
    exitCode: 3,
    message: expect.stringContaining(message),
    hint: expect.stringMatching(/./),
  });
  expect(existsSync(`${ctx.paths.systemdUser}/mosaic-agent@.service`)).toBe(written);
});
