// What doctor says of the user manager and of linger, by what the roster wants.
import { describe, expect, test } from "bun:test";
import { linger } from "../../../src/doctor/checks/linger.ts";
import { userManager } from "../../../src/doctor/checks/user-manager.ts";
import { doctorContext, type DoctorContextOptions, examine } from "../examine.ts";

const agentUnit = ".config/systemd/user/mosaic-agent@.service";
const one = "agents: [{ name: one, runtime: canary }]\n";

describe("user manager", () => {
  type Manager = NonNullable<DoctorContextOptions["manager"]>;
  const table: [Manager, string, string, string][] = [
    ["running", "auto", "ok", "systemd 252"],
    ["running", "systemd", "ok", "systemd 252"],
    ["running", "builtin", "ok", "systemd 252"],
    ["no-systemctl", "auto", "ok", "this host has no systemctl; supervisor: auto uses builtin"],
    [
      "no-systemctl",
      "systemd",
      "problem",
      "the roster wants supervisor: systemd, but this host has no systemctl",
    ],
    [
      "no-systemctl",
      "builtin",
      "ok",
      "not needed (supervisor: builtin): this host has no systemctl",
    ],
    [
      "no-bus",
      "auto",
      "warning",
      "no systemd user manager answers (no bus for this user); supervisor: auto uses builtin, which does not start at boot",
    ],
    [
      "no-bus",
      "systemd",
      "problem",
      "the roster wants supervisor: systemd, but no systemd user manager answers (no bus for this user)",
    ],
    [
      "no-bus",
      "builtin",
      "ok",
      "not needed (supervisor: builtin): no systemd user manager answers (no bus for this user)",
    ],
    [
      "denied",
      "auto",
      "warning",
      "the systemd user manager refuses us; supervisor: auto uses builtin, which does not start at boot",
    ],
    ["broken", "auto", "warning", "cannot tell: systemctl --user said: Boom"],
    ["hanging", "auto", "warning", "cannot tell: systemctl --user gave no answer within 10 s"],
    [
      "hanging",
      "builtin",
      "ok",
      "not needed (supervisor: builtin); cannot tell: systemctl --user gave no answer within 10 s",
    ],
  ];
  test.each(table)("%s with supervisor: %s is %s", async (manager, supervisor, status, detail) => {
    using ctx = doctorContext({ manager, roster: `supervisor: ${supervisor}\n${one}` });
    const answer = await examine(ctx, userManager);
    expect({ status: answer.status, detail: answer.detail }).toEqual({
      status,
      detail,
    });
  });

  test("that this shell does not reach, while its units are installed, would get a second fleet beside it", async () => {
    const env = { DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/dev/null" };
    using ctx = doctorContext({ manager: "no-bus", host: { uid: 98_765 }, env });
    ctx.home.write(agentUnit, "");
    expect(await examine(ctx, userManager)).toEqual({
      status: "problem",
      detail:
        "no systemd user manager answers (no bus for this user), but the fleet's units are installed: this shell would start a second fleet",
      fix: "loginctl enable-linger\nexport XDG_RUNTIME_DIR=/run/user/98765",
    });
  });
});

describe("linger", () => {
  test.each([
    ["no-bus", "auto", "ok", "not needed (supervisor builtin)"],
    ["hanging", "auto", "warning", "skipped: not known whether systemd runs the fleet"],
  ] as const)("%s with supervisor: %s is %s: %s", async (manager, supervisor, status, detail) => {
    using ctx = doctorContext({ manager, roster: `supervisor: ${supervisor}\n${one}` });
    expect(await examine(ctx, linger)).toEqual({ status, detail, fix: "" });
    ctx.done();
  });

  test("where nobody could turn it on, no command is offered, but the cause is", async () => {
    const env = { DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/nonexistent/bus" };
    using ctx = doctorContext({ manager: "running", env });
    ctx.expectExec(["id", "-un"], { stdout: "nobody\n" });
    const { detail, fix } = await examine(ctx, linger);
    expect([detail, fix]).toEqual([
      expect.stringContaining("no system bus (/nonexistent/bus)"),
      "",
    ]);
    using other = doctorContext({ manager: "no-bus", host: { uid: 98_765 }, env });
    expect((await examine(other, userManager)).fix).toBe("");
  });

  test("off is a warning with the command for this user", async () => {
    const env = { DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/dev/null" };
    using ctx = doctorContext({ manager: "running", env });
    ctx.expectExec(["id", "-un"], { stdout: "nobody-lingers-by-this-name\n" });
    expect(await examine(ctx, linger)).toEqual({
      status: "warning",
      detail:
        "off for nobody-lingers-by-this-name: the fleet ends at logout and does not start at boot",
      fix: "loginctl enable-linger nobody-lingers-by-this-name",
    });
    ctx.done();
  });
});
