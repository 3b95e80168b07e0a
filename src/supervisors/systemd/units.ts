// Text of the unit files and drop-ins. Pure: what is written is decided here, install.ts and sync.ts act.
import { startTimeoutMs } from "../../domain/restart-policy.ts";
import type { Agent } from "../../domain/roster.ts";

/** What the units must know of this installation. */
export interface UnitFacts {
  /** The folder that holds fleet/ and tools/. */
  configDir: string;
  /** Environment of both units: PATH, MOSAIC_HOME, MOSAIC_BIN, MOSAIC_SOCKET and the like. */
  env: Readonly<Record<string, string>>;
}

/** A value inside double quotes of a unit file: C escapes, and % doubled since it starts a specifier. */
function quoted(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t")
    .replaceAll("%", "%%");
}

/** One `Environment=` line; $ has no meaning there (systemd.exec(5)). */
export function environmentLine(key: string, value: string): string {
  return `Environment="${quoted(`${key}=${value}`)}"`;
}

/**
 * The unit of this installation from the framework's file: `%E/mosaic` becomes the real folder (in Exec lines
 * $ is doubled, systemd.service(5)) and the environment stands first in [Service].
 */
export function renderUnit(template: string, facts: UnitFacts): string {
  const folder = quoted(facts.configDir).replaceAll("$", "$$$$");
  const lines = Object.entries(facts.env).map(([key, value]) => environmentLine(key, value));
  return template
    .replaceAll("%E/mosaic", () => folder)
    .replace("[Service]\n", () => ["[Service]", ...lines, ""].join("\n"));
}

const restartOf = { always: "always", "on-failure": "on-failure", never: "no" } as const;

/** The drop-in that gives one agent the roster's restart policy. The pauses are made by the script. */
export function rosterDropIn(agent: Pick<Agent, "restart">): string {
  const { restart } = agent;
  return [
    "# From roster.yaml, which is the place to edit.",
    "[Unit]",
    `StartLimitBurst=${restart.burst}`,
    `StartLimitIntervalSec=${restart.windowMs}ms`,
    "[Service]",
    `Restart=${restartOf[restart.policy]}`,
    `TimeoutStartSec=${startTimeoutMs(restart)}ms`,
    "",
  ].join("\n");
}

/** A PATH fit for a unit: absolute folders, each once, none of a package's own node_modules/.bin. */
export function unitPath(path: string): string {
  const folders = path.split(":").filter((folder) => folder.startsWith("/"));
  const kept = folders.filter((folder) => !folder.endsWith("/node_modules/.bin"));
  return [...new Set([...kept, "/usr/local/bin", "/usr/bin", "/bin"])].join(":");
}
