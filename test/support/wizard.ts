// The wizard in a real terminal: a pane of a given width, keys, and the screen as text.
import { mkdirSync, readdirSync } from "node:fs";
import { eventually } from "./eventually.ts";
import { type CommandResult, outputOf, runCommand } from "./run-command.ts";
import { mosaicBinary } from "./mosaic-binary.ts";
import { tempHome, type TempHome } from "./temp-home.ts";
import { startTmuxServer, type TmuxServer } from "./tmux-server.ts";

export interface WizardTerminal extends AsyncDisposable {
  home: TempHome;
  /** `mosaic WORDS…` in the same environment. */
  run: (...words: string[]) => Promise<CommandResult>;
  /** Waits until the screen shows this, presses the keys, and returns the screen from before them. */
  answer: (shows: string, ...keys: string[]) => Promise<string>;
  /** The screen once it shows this; with its colours on request. */
  screen: (shows: string, options?: { colours?: boolean }) => Promise<string>;
}

export interface WizardTerminalOptions {
  columns: number;
  env?: Record<string, string>;
  flags?: readonly string[];
  /** Programs that do nothing, in a folder of PATH. */
  path?: readonly string[];
}

/** Starts `mosaic wizard` in a home of its own, without a user manager; its end is told by `[exit N]`. */
export async function startWizard(options: WizardTerminalOptions): Promise<WizardTerminal> {
  const binary = await mosaicBinary();
  const home = tempHome();
  mkdirSync(home.at("t"), { mode: 0o700 });
  for (const name of options.path ?? []) home.write(`programs/${name}`, "#!/bin/sh\n", 0o755);
  const server = await startTmuxServer();
  const env = {
    HOME: home.path,
    PATH: options.path === undefined ? "/usr/bin:/bin" : `${home.at("programs")}:/usr/bin:/bin`,
    TERM: "xterm-256color",
    LANG: "C.UTF-8",
    SHELL: "/bin/bash",
    XDG_RUNTIME_DIR: home.at("run"),
    // Where the fleet that it starts has its server.
    TMUX_TMPDIR: home.at("t"),
    ...options.env,
  };
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = [binary, "wizard", ...(options.flags ?? [])];
  const script = '"$@"; echo "[exit $?]"; exec cat';
  const argv = ["env", "-i", ...variables, "sh", "-c", script, "sh", ...words];
  const size = ["-x", String(options.columns), "-y", "60"];
  await outputOf(
    ["tmux", "-L", server.socket, "new-session", "-d", "-s", "wizard", ...size, ...argv],
    {
      env: server.env,
    },
  );
  const screen = async (shows: string, { colours = false } = {}): Promise<string> => {
    const raw = await eventually(() => capture(server, colours), {
      what: `the wizard to show ${shows}`,
      until: (text) => text.includes(shows),
      timeoutMs: 20_000,
    });
    return raw.replaceAll(home.path, "~");
  };
  return {
    home,
    screen,
    async answer(shows, ...keys) {
      const seen = await screen(shows);
      await server.tmux("send-keys", "-t", "=wizard:", ...keys);
      return seen;
    },
    run: (...more) => runCommand([binary, ...more], { env }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      home.remove();
    },
  };
}

/** Without the lines below the last one that has something. */
async function capture(server: TmuxServer, colours: boolean): Promise<string> {
  const flags = colours ? ["-e"] : [];
  const shown = await server.tmux("-u", "capture-pane", "-p", ...flags, "-t", "=wizard:");
  return `${shown.stdout.trimEnd()}\n`;
}

/** Each question, by words that it alone has. */
export const asked = {
  steps: "What shall be set up?",
  profile: "Which agents?",
  hooks: "Which other hooks",
  start: "Start the fleet when",
  plan: "Nothing has been written so far.",
};

/** What there is but the folder of the test's own. */
export function leftBehind({ home }: WizardTerminal): string[] {
  return readdirSync(home.path).filter((name) => name !== "t");
}
