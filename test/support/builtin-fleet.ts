// A home with a roster for the builtin supervisor, run from source; disposed, it has stopped everything in it.
import { type Contact, parseContact } from "../../src/supervisors/builtin/protocol.ts";
import { eventually } from "./eventually.ts";
import { privateEnvironment } from "./private-environment.ts";
import { allPids, argvOf, environmentOf, isRunning, signal } from "./processes.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { tempHome, type TempHome } from "./temp-home.ts";

/** Of every builtin fleet: each has a TMUX_TMPDIR of its own. */
export const testSocket = "mosaic-t";

export interface BuiltinFleet extends AsyncDisposable {
  dir: TempHome;
  /** The whole environment of every command. */
  env: Readonly<Record<string, string>>;
  /** argv that runs mosaic. */
  self: readonly string[];
  /** `mosaic ARGS…`. */
  mosaic: (...args: string[]) => Promise<CommandResult>;
  /** `tmux -L SOCKET ARGS…`. */
  tmux: (...args: string[]) => Promise<CommandResult>;
  /** The supervisor that says it runs; undefined when none ever did. */
  contact: () => Promise<Contact | undefined>;
  /** Output of supervisors in the background. */
  log: () => Promise<string>;
  /** Every process that belongs to this home, by its environment or its argv. */
  processes: () => number[];
}

export interface BuiltinFleetOptions {
  /** The `agents:` list in YAML; they run `command` unless they say otherwise. */
  agents: string;
  /** Added to the environment of the commands. */
  env?: Readonly<Record<string, string>>;
  /** argv that runs mosaic; default: from source, where no agent can report. */
  self?: readonly string[];
  /** Made by the caller, who removes nothing: with it agents can be seeded before. */
  dir?: TempHome;
  /** The restart policy in YAML; default: three starts, short pauses. */
  restart?: string;
}

const shortRestarts =
  "{ policy: on-failure, burst: 3, window: 15m, backoff: 50ms, backoffMax: 200ms }";

/** Nothing runs yet. `await using` ends what does. */
export function builtinFleet(options: BuiltinFleetOptions): BuiltinFleet {
  const dir = options.dir ?? tempHome();
  const env = privateEnvironment(dir.path, options.env);
  const state = "home/.local/state/mosaic";
  dir.write(
    "home/.config/mosaic/fleet/roster.yaml",
    [
      "version: 1",
      `socket: ${testSocket}`,
      "supervisor: builtin",
      `defaults: { runtime: command, workdir: ${dir.path}, restart: ${options.restart ?? shortRestarts} }`,
      `agents: ${options.agents}`,
      "",
    ].join("\n"),
  );
  const self = options.self ?? [process.execPath, `${import.meta.dir}/../../src/main.ts`];
  const processes = () =>
    allPids().filter((pid) => {
      if (pid === process.pid || !isRunning(pid)) return false;
      return [...argvOf(pid), ...environmentOf(pid)].some((text) => text.includes(dir.path));
    });
  return {
    dir,
    env,
    self,
    processes,
    mosaic: (...args) => runCommand([...self, ...args], { env, cwd: dir.path, timeoutMs: 60_000 }),
    tmux: (...args) => runCommand(["tmux", "-u", "-L", testSocket, ...args], { env }),
    async contact() {
      const file = Bun.file(dir.at(`${state}/fleet-${testSocket}.json`));
      return (await file.exists()) ? parseContact(await file.text()) : undefined;
    },
    async log() {
      const file = Bun.file(dir.at(`${state}/log/fleet-run.log`));
      return (await file.exists()) ? await file.text() : "";
    },
    async [Symbol.asyncDispose]() {
      await runCommand([...self, "fleet", "stop"], { env, timeoutMs: 60_000 });
      await eventually(
        () => {
          const left = processes();
          for (const pid of left) signal(pid, "SIGKILL");
          return left.length === 0;
        },
        { timeoutMs: 20_000, what: "the processes of the fleet to be gone" },
      );
      dir.remove();
    },
  };
}
