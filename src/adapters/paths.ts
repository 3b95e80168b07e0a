// Where our files are (DESIGN section 8), from the environment alone. Pure.
import { AppError, exitCodes } from "../errors.ts";
import type { Paths } from "../context.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Every folder of ours. Throws AppError (exit 2) when HOME is missing, or it, MOSAIC_HOME or MOSAIC_STATE is not absolute. A
 * relative XDG variable is ignored, as the XDG Base Directory Specification asks.
 */
export function resolvePaths(env: Env, self: readonly string[]): Paths {
  const home = absolute("HOME", env["HOME"]);
  if (home === undefined) {
    throw new AppError("HOME is not set, so there is no place for the configuration", {
      exitCode: exitCodes.usage,
      hint: 'export HOME="$(getent passwd "$(id -u)" | cut -d: -f6)"',
    });
  }
  const below = (name: string, fallback: string) => xdg(env[name]) ?? `${home}/${fallback}`;
  const runtime = xdg(env["XDG_RUNTIME_DIR"]);
  const userConfig = below("XDG_CONFIG_HOME", ".config");
  const usual = `${userConfig}/mosaic`;
  const config = absolute("MOSAIC_HOME", env["MOSAIC_HOME"]) ?? usual;
  // A second home has agents of its own, with locks and black boxes of their own, or the two would touch each other.
  const ownState =
    config === usual ? `${below("XDG_STATE_HOME", ".local/state")}/mosaic` : `${config}/state`;
  const state = absolute("MOSAIC_STATE", env["MOSAIC_STATE"]) ?? ownState;
  return {
    home,
    config,
    state,
    data: `${below("XDG_DATA_HOME", ".local/share")}/mosaic`,
    runtime: runtime === undefined ? state : `${runtime}/mosaic`,
    systemdUser: `${userConfig}/systemd/user`,
    executable: self[0] ?? "",
    self,
  };
}

function absolute(name: string, value: string | undefined): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (value.startsWith("/")) return trimmed(value);
  throw new AppError(`${name} must be an absolute path, not ${JSON.stringify(value)}`, {
    exitCode: exitCodes.usage,
    hint: `export ${name}="$(realpath -m -- "$${name}")"`,
  });
}

function xdg(value: string | undefined): string | undefined {
  return value?.startsWith("/") === true ? trimmed(value) : undefined;
}

function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
}
