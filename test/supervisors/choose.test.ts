import { expect, test } from "bun:test";
import { AppError } from "../../src/errors.ts";
import { chooseSupervisor, type SupervisorFacts } from "../../src/supervisors/choose.ts";
import { probeUserManager, userManagerOf } from "../../src/supervisors/user-manager.ts";
import { fakeContext } from "../support/fake-context.ts";

const choices: [SupervisorFacts, "systemd" | "builtin" | "refused"][] = [
  [{ wanted: "auto", userManager: "running" }, "systemd"],
  [{ wanted: "auto", userManager: "no-systemctl" }, "builtin"],
  [{ wanted: "auto", userManager: "no-bus" }, "builtin"],
  [{ wanted: "auto", userManager: "denied" }, "builtin"],
  [{ wanted: "builtin", userManager: "running" }, "builtin"],
  [{ wanted: "builtin", userManager: "no-systemctl" }, "builtin"],
  [{ wanted: "systemd", userManager: "running" }, "systemd"],
  [{ wanted: "systemd", userManager: "no-systemctl" }, "refused"],
  [{ wanted: "systemd", userManager: "no-bus" }, "refused"],
  [{ wanted: "systemd", userManager: "denied" }, "refused"],
];

test.each(choices)("%o chooses %s", (facts, expected) => {
  if (expected !== "refused") {
    expect(chooseSupervisor(facts)).toBe(expected);
    return;
  }
  expect(() => chooseSupervisor(facts)).toThrow(AppError);
});

const ends: [number, string, ReturnType<typeof userManagerOf>][] = [
  [0, "", "running"],
  [127, "systemctl: not found", "no-systemctl"],
  [1, "Failed to connect to bus: No medium found", "no-bus"],
  [1, "Failed to connect to bus: No such file or directory", "no-bus"],
  [1, "System has not been booted with systemd as init system (PID 1). Can't operate.", "no-bus"],
  [1, "Failed to connect to bus: Operation not permitted", "denied"],
  [1, "Failed to connect to bus: Permission denied", "denied"],
  [5, "Unit x.service not loaded.", "running"],
];

test.each(ends)("exit %i with %p means a user manager that is %s", (exitCode, stderr, expected) => {
  expect(userManagerOf({ exitCode, stderr, signal: null, stdout: "", timedOut: false })).toBe(
    expected,
  );
});

test("systemctl is asked in English, whatever the locale of the shell", async () => {
  using ctx = fakeContext({ env: { LC_ALL: "de_DE.UTF-8", LANGUAGE: "de", NOTHING: undefined } });
  const args = ["systemctl", "--user", "show", "--property=Version"];
  ctx.expectExec(args, ({ options }) => {
    const isEnglish = options.env?.["LC_ALL"] === "C";
    const words = isEnglish ? "Operation not permitted" : "Die Operation ist nicht erlaubt";
    expect(options.env).toMatchObject({ HOME: ctx.home.path, PATH: ctx.env["PATH"] });
    return { exitCode: 1, stderr: `Failed to connect to bus: ${words}` };
  });
  expect(await probeUserManager(ctx)).toBe("denied");
  ctx.done();
});
