// A real, private `systemd --user` manager for a test: own HOME, own runtime folder, own control group, so that
// several run at once and none sees another's units. Tried with systemd 252 as root without a booted systemd.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { cgroupFault, cgroupOf, createCgroup, processesIn, removeCgroup } from "./cgroup.ts";
import { eventually } from "./eventually.ts";
import { privateEnvironment, type PrivateEnvironment } from "./private-environment.ts";
import { signal } from "./processes.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { tempHome, type TempHome } from "./temp-home.ts";

/** Where Debian, Fedora and Arch keep it. */
const managerProgram = "/usr/lib/systemd/systemd";

/** Generators of the host's packages run first; on a busy machine that takes a while. */
const startTimeoutMs = 20_000;

/** A unit that hangs in its stop must not hold up the suite. */
const exitTimeoutMs = 20_000;

export interface UserManager extends AsyncDisposable {
  /** HOME of the manager and of everything it starts: empty at first, 0700. */
  home: string;
  /** XDG_RUNTIME_DIR, 0700. */
  runtimeDir: string;
  /** The whole environment for programs that talk to this manager; the manager itself has the same. */
  env: PrivateEnvironment;
  pid: number;
  /** Output of units (there is no journal) and of the manager's generators. */
  logFile: string;
  log: () => string;
  /** Runs a program with `env`. */
  run: (argv: readonly string[], stdin?: string) => Promise<CommandResult>;
  /** `systemctl --user ARGS…`, not checked for success. */
  systemctl: (...args: string[]) => Promise<CommandResult>;
  /** Pids of all processes of this manager's units, and of itself. */
  processes: () => number[];
}

export interface UserManagerOptions {
  /** Added to the environment of the manager and of `env`, such as another PATH. */
  env?: Readonly<Record<string, string>>;
}

/**
 * Starts a manager and waits until it answers. `await using` ends it: `systemctl --user exit`, then SIGKILL to what is
 * left in its control group, then its folders. Throws with what is missing where no manager can be started.
 */
export async function startUserManager(options: UserManagerOptions = {}): Promise<UserManager> {
  using made = new DisposableStack();
  const dir = made.use(tempHome());
  const env = privateEnvironment(dir.path, options.env);
  const logFile = `${dir.path}/manager.log`;
  const launch = await launcher(groupName(dir.path));
  writeFileSync(logFile, "", { mode: 0o600 });
  const assignments = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  // Without a journal the output of units would be lost.
  const output = ["--default-standard-output=inherit", "--default-standard-error=inherit"];
  const manager = Bun.spawn(
    [...launch.argv, "env", "-i", ...assignments, managerProgram, "--user", ...output],
    {
      env: process.env,
      cwd: env.HOME,
      stdin: "ignore",
      stdout: Bun.file(logFile),
      stderr: Bun.file(logFile),
    },
  );
  const run = (command: readonly string[], stdin = "") =>
    runCommand(command, { env, stdin, cwd: env.HOME });
  const systemctl = (...args: string[]) => run(["systemctl", "--user", ...args]);
  let folders = launch.folders;
  const started: UserManager = {
    home: env.HOME,
    runtimeDir: env.XDG_RUNTIME_DIR,
    env,
    pid: manager.pid,
    logFile,
    log: () => readFileSync(logFile, "utf8"),
    run,
    systemctl,
    processes: () => processesIn(folders),
    [Symbol.asyncDispose]: () => end(manager, { systemctl, folders, dir }),
  };
  const state = await eventually(() => stateOf(manager, systemctl), {
    what: "the manager",
    timeoutMs: startTimeoutMs,
  }).catch(() => "silent");
  if (state !== "up") {
    const said = started.log();
    await started[Symbol.asyncDispose]();
    throw new Error(`the private user manager is ${state}: ${said}`);
  }
  made.move();
  if (folders.length === 0) folders = cgroupOf(manager.pid);
  return started;
}

/** Named after the run, so that test/run.ts finds what a killed test left. */
export function groupName(dir: string): string {
  return ["mosaic-t", process.env.MOSAIC_TEST_RUN, basename(dir).slice("mosaic-t-".length)]
    .filter((part) => part !== undefined)
    .join("-");
}

interface Launcher {
  /** Put before the manager's argv: moves itself into a new group, then becomes the manager. */
  argv: string[];
  /** The new group; empty when systemd makes it at the start. */
  folders: string[];
}

async function launcher(name: string): Promise<Launcher> {
  if (!existsSync(managerProgram)) {
    throw new Error(`${managerProgram} is not there: apt-get install systemd`);
  }
  const isRoot = process.getuid?.() === 0;
  const booted = existsSync("/run/systemd/private");
  if (isRoot && !booted) return directLauncher(name);
  // A systemd that owns the groups of this machine hands us a subtree (man systemd-run, Delegate=).
  const scope = ["--quiet", "--collect", "--scope", `--unit=${name}`, "--property=Delegate=yes"];
  if (isRoot) return { argv: ["systemd-run", ...scope], folders: [] };
  const real = await runCommand(["systemctl", "--user", "show-environment"]);
  if (real.exitCode !== 0) {
    throw new Error(
      "a private systemd --user manager needs root, or a running user manager that gives it a control group; " +
        `systemctl --user says: ${real.stderr.trim()}. Run the suite as root, or log in with a systemd session`,
    );
  }
  return { argv: ["systemd-run", "--user", ...scope], folders: [] };
}

function directLauncher(name: string): Launcher {
  const fault = cgroupFault();
  if (fault !== "")
    throw new Error(`a private systemd --user manager needs control groups: ${fault}`);
  // sd_booted(3): systemctl and systemd-run refuse to work where this folder is not there.
  mkdirSync("/run/systemd/system", { recursive: true });
  const folders = createCgroup(name);
  return { argv: enterGroup(folders), folders };
}

/** Put before an argv: moves itself into these groups, then becomes that. */
export function enterGroup(folders: readonly string[]): string[] {
  const enter =
    'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit; shift; done; shift; exec "$@"';
  return ["sh", "-c", enter, "sh", ...folders, "--"];
}

type Systemctl = UserManager["systemctl"];

async function stateOf(manager: Bun.Subprocess, systemctl: Systemctl) {
  if (hasEnded(manager)) return "ended";
  const answer = (await systemctl("is-system-running")).stdout.trim();
  return answer === "running" || answer === "degraded" ? "up" : undefined;
}

function hasEnded(manager: Bun.Subprocess): boolean {
  return manager.exitCode !== null || manager.signalCode !== null;
}

async function end(
  manager: Bun.Subprocess,
  { systemctl, folders, dir }: { systemctl: Systemctl; folders: string[]; dir: TempHome },
): Promise<void> {
  if (!hasEnded(manager)) {
    await systemctl("exit");
    const timer = setTimeout(() => manager.kill("SIGKILL"), exitTimeoutMs);
    await manager.exited;
    clearTimeout(timer);
  }
  await eventually(() => killAll(folders), { what: "the manager's control group to be empty" });
  // The kernel keeps a group busy for a moment after its last process.
  await eventually(() => removeCgroup(folders), { what: "the group's end", until: () => true });
  dir[Symbol.dispose]();
}

function killAll(folders: readonly string[]): boolean {
  const left = processesIn(folders);
  for (const pid of left) signal(pid, "SIGKILL");
  return left.length === 0;
}
