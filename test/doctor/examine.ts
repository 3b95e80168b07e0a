// Runs single checks of doctor as `mosaic doctor --json` does, on a fake machine with real files.
import type { Check } from "../../src/doctor/check.ts";
import { runDoctor } from "../../src/doctor/run.ts";
import { fakeContext, type FakeContext, type FakeContextOptions } from "../support/fake-context.ts";
import type { ExecAnswer } from "../support/fake-exec.ts";
import { runCommand } from "../support/run-command.ts";

/** Who the files of this test belong to. */
export const uid = process.getuid?.() ?? 0;

/** What `systemctl --user show --property=Version,UnitPath` says, by the state of the user manager. */
export const managers = {
  "no-systemctl": { exitCode: 127, stderr: "systemctl: not found\n" },
  "no-bus": { exitCode: 1, stderr: "Failed to connect to bus: No medium found\n" },
  denied: { exitCode: 1, stderr: "Failed to connect to bus: Operation not permitted\n" },
  broken: { exitCode: 1, stderr: "Boom\n" },
  hanging: { signal: "SIGKILL", timedOut: true },
} as const;

export interface DoctorContextOptions extends FakeContextOptions {
  manager?: keyof typeof managers | "running";
  /** Text below `version: 1`; no roster without it. */
  roster?: string;
}

/** A fake machine on which the user manager (default: none) has been asked; everything else is the test's. */
export function doctorContext({
  manager = "no-bus",
  roster,
  ...options
}: DoctorContextOptions = {}): FakeContext {
  const ctx = fakeContext({ ...options, host: { uid, ...options.host } });
  if (roster !== undefined)
    ctx.home.write(".config/mosaic/fleet/roster.yaml", `version: 1\n${roster}`);
  const unitFolders = `${ctx.home.at(".config/systemd/user")} /etc/systemd/user`;
  const running = { stdout: `Version=252\nUnitPath=${unitFolders}\n` };
  const answer = manager === "running" ? running : managers[manager];
  ctx.allowExec(["systemctl", "--user", "show", "--property=Version,UnitPath"], answer);
  return ctx;
}

export interface Answer {
  status: string;
  detail: string;
  fix: string;
}

/** The answer of one check; the temporary home is written as `~`. */
export async function examine(ctx: FakeContext, check: Check): Promise<Answer> {
  const before = ctx.stdout.length;
  await runDoctor(ctx, { json: true, checks: [check] });
  const [{ status, detail, fix }] = JSON.parse(
    ctx.stdout.slice(before).replaceAll(ctx.home.path, "~"),
  ).checks;
  return { status, detail, fix };
}

/** Runs the program in earnest, for checks whose truth is a shell script; `path` replaces its PATH. */
export function real(path?: string): ExecAnswer {
  return async ({ argv, options }) =>
    runCommand(argv, {
      env: { ...options.env, PATH: path ?? options.env?.["PATH"] ?? "/usr/bin:/bin" },
    });
}

/** Every state of the user manager in which it does not answer. */
export const silentManagers = ["no-systemctl", "no-bus", "denied", "broken", "hanging"] as const;
