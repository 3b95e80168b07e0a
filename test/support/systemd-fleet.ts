// A fleet on a private `systemd --user` manager with the built binary, for e2e tests.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { mosaicBinary } from "./mosaic-binary.ts";
import { type CommandOptions, type CommandResult, runCommand } from "./run-command.ts";
import type { TempHome } from "./temp-home.ts";
import { startUserManager, type UserManager } from "./user-manager.ts";

/** Two agents that only live; the first one has limits. */
export const cats = `version: 1
socket: mosaic-factory
supervisor: systemd
defaults: { workdir: /, restart: { backoff: 100ms } }
agents:
  - { name: one, runtime: command, args: [cat], limits: { memoryMax: 256M, tasksMax: 40 } }
  - { name: two, runtime: command, args: [cat] }
`;

export interface SystemdFleet extends AsyncDisposable {
  manager: UserManager;
  env: Readonly<Record<string, string>>;
  binary: string;
  /** The manager's HOME, to write files into. */
  home: Pick<TempHome, "write">;
  /** Runs the built binary in the manager's environment. */
  mosaic(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Runs a line of shell with `mosaic` on PATH, as a user types it. */
  shell(line: string): Promise<CommandResult>;
  tmux(...args: string[]): Promise<CommandResult>;
  /** Pid of the runtime below the agent's wrapper, 0 when there is none. */
  runtimePid(agent: string): Promise<number>;
}

/** Writes the roster (when one is given) and starts the manager; nothing of mosaic is installed yet. */
export async function systemdFleet(roster?: string): Promise<SystemdFleet> {
  const binary = await mosaicBinary();
  const manager = await startUserManager();
  const bin = `${manager.home}/bin`;
  const env = { ...manager.env, PATH: `${bin}:${manager.env["PATH"] ?? ""}` };
  mkdirSync(bin);
  writeFileSync(`${bin}/mosaic`, `#!/bin/sh\nexec '${binary}' "$@"\n`, { mode: 0o755 });
  if (roster !== undefined) {
    mkdirSync(`${manager.home}/.config/mosaic/fleet`, { recursive: true, mode: 0o700 });
    writeFileSync(`${manager.home}/.config/mosaic/fleet/roster.yaml`, roster, { mode: 0o600 });
  }
  const run = (argv: readonly string[], options: CommandOptions = {}) =>
    runCommand(argv, { env, cwd: manager.home, timeoutMs: 60_000, ...options });
  const tmux = (...args: string[]) => run(["tmux", "-u", "-N", "-L", "mosaic-factory", ...args]);
  return {
    manager,
    env,
    binary,
    home: {
      write(relative, text, mode = 0o600) {
        const path = `${manager.home}/${relative}`;
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        writeFileSync(path, text, { mode });
        return path;
      },
    },
    mosaic: (args, options) => run([binary, ...args], options),
    shell: (line) => run(["sh", "-c", line]),
    tmux,
    async runtimePid(agent) {
      const wrapper = (
        await tmux("display-message", "-p", "-t", `=${agent}:`, "#{pane_pid}")
      ).stdout.trim();
      if (wrapper === "") return 0;
      const children = await Bun.file(`/proc/${wrapper}/task/${wrapper}/children`).text();
      return Number(children.trim().split(" ")[0] ?? 0);
    },
    async [Symbol.asyncDispose]() {
      await manager[Symbol.asyncDispose]();
    },
  };
}
