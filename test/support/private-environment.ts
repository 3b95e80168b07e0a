// A clean environment with folders of its own, in which a program sees nothing of the person who runs the test: no
// real user manager, no default tmux server, no settings of npm or bun.
import { mkdirSync } from "node:fs";

export type PrivateEnvironment = Readonly<Record<string, string>> & {
  readonly HOME: string;
  /** Empty: no user manager answers unless one is started there. */
  readonly XDG_RUNTIME_DIR: string;
  readonly TMUX_TMPDIR: string;
  readonly PATH: string;
};

/** Makes the folders below `dir`, mode 0700. `extra` wins over every other entry. */
export function privateEnvironment(
  dir: string,
  extra: Readonly<Record<string, string>> = {},
): PrivateEnvironment {
  const run = process.env.MOSAIC_TEST_RUN;
  const env = {
    HOME: `${dir}/home`,
    XDG_RUNTIME_DIR: `${dir}/run`,
    TMUX_TMPDIR: `${dir}/tmux`,
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    ...(run === undefined ? {} : { MOSAIC_TEST_RUN: run }),
    ...extra,
  };
  for (const folder of [env.HOME, env.XDG_RUNTIME_DIR, env.TMUX_TMPDIR]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  return env;
}
