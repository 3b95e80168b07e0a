// From the roster as written to the one the program works with: defaults merged into each agent, durations in
// milliseconds, ~ replaced by the home folder. Pure, and only for a roster that has passed every check.
import { parseDuration } from "./duration.ts";
import type { LocatedYaml } from "./located-yaml.ts";
import type { WrittenRoster, WrittenSettings } from "./roster-schema.ts";
import type { Agent, Limits, RestartPolicy, Roster } from "./roster.ts";
import { defaultRuntime } from "./runtimes.ts";
import type { Path } from "./value-path.ts";

interface MergeOptions {
  /** Absolute; stands for ~. */
  home: string;
  /** Numbers and booleans in args and env are taken as they are written: `1.10` is not 1.1. */
  sourceOf: LocatedYaml["sourceOf"];
}

const defaultSocket = "mosaic-factory";
const defaultWindow = "200x50";

/** The roster, every agent complete. */
export function mergeRoster(written: WrittenRoster, options: MergeOptions): Roster {
  const [columns = 0, rows = 0] = (written.window ?? defaultWindow).split("x").map(Number);
  const shared = readSettings(written.defaults ?? {}, ["defaults"], options);
  return {
    version: 1,
    socket: written.socket ?? defaultSocket,
    supervisor: written.supervisor ?? "auto",
    window: { columns, rows },
    agents: written.agents.map((agent, index) =>
      mergeAgent(agent.name, shared, readSettings(agent, ["agents", index], options)),
    ),
  };
}

/** `~` and `~/...` below home, other paths as they are; no slash at the end. */
export function expandHome(path: string, home: string): string {
  const expanded = path.replace(/^~(?=\/|$)/, () => home.replace(/\/+$/, ""));
  return expanded.replace(/(?<=.)\/+$/, "") || "/";
}

interface ReadSettings {
  settings: WrittenSettings;
  workdir: string;
  args: string[] | undefined;
  env: Record<string, string>;
  envFile: string | undefined;
}

function readSettings(
  settings: WrittenSettings,
  path: Path,
  { home, sourceOf }: MergeOptions,
): ReadSettings {
  const text = (value: string | number | boolean, at: Path) =>
    typeof value === "string" ? value : (sourceOf([...path, ...at]) ?? String(value));
  return {
    settings,
    workdir: expandHome(settings.workdir ?? "~", home),
    args: settings.args?.map((arg, index) => text(arg, ["args", index])),
    env: Object.fromEntries(
      Object.entries(settings.env ?? {}).map(([key, value]) => [key, text(value, ["env", key])]),
    ),
    envFile: settings.envFile === undefined ? undefined : expandHome(settings.envFile, home),
  };
}

function mergeAgent(name: string, shared: ReadSettings, own: ReadSettings): Agent {
  const envFile = own.envFile ?? shared.envFile;
  const limits: Limits = { ...readLimits(shared.settings), ...readLimits(own.settings) };
  return {
    name,
    runtime: own.settings.runtime ?? shared.settings.runtime ?? defaultRuntime,
    workdir: own.settings.workdir === undefined ? shared.workdir : own.workdir,
    args: own.args ?? shared.args ?? [],
    env: { ...shared.env, ...own.env },
    ...(envFile === undefined ? {} : { envFile }),
    limits,
    restart: mergeRestart({ ...shared.settings.restart, ...own.settings.restart }),
  };
}

function readLimits({ limits = {} }: WrittenSettings): Limits {
  const { memoryMax, ...others } = limits;
  return memoryMax === undefined ? others : { ...others, memoryMax: String(memoryMax) };
}

function mergeRestart(written: NonNullable<WrittenSettings["restart"]>): RestartPolicy {
  const backoffMs = parseDuration(written.backoff ?? "1s") ?? 1000;
  // A longer first pause without a word on the longest one means: always that pause.
  const backoffMaxMs = Math.max(parseDuration(written.backoffMax ?? "1m") ?? 60_000, backoffMs);
  return {
    policy: written.policy ?? "on-failure",
    burst: written.burst ?? 5,
    windowMs: parseDuration(written.window ?? "15m") ?? 900_000,
    backoffMs,
    backoffMaxMs,
  };
}
