// The rules of a roster that span more than one value, which no schema can say. They look at the raw value, so
// that they speak up in the same run as the schema's faults. Pure.
import { parseDuration } from "./duration.ts";
import type { LocatedFault, LocatedYaml } from "./located-yaml.ts";
import { defaultRuntime, runtimeNames, runtimes } from "./runtimes.ts";
import { pathPrefix, type Path } from "./value-path.ts";

type Raw = Readonly<Record<string, unknown>>;

/** Faults that need more than one value to be seen, in no order; what is not there or has a wrong type is passed over. */
export function checkRules(yaml: LocatedYaml): LocatedFault[] {
  const root = asMap(yaml.value);
  const defaults = asMap(root["defaults"]);
  const agents = Array.isArray(root["agents"]) ? root["agents"].map(asMap) : [];
  return [
    ...sameNames(agents, yaml),
    ...agents.flatMap((agent, index) => missingArgs(agent, { defaults, index, yaml })),
    ...backoffs(defaults, agents, yaml),
  ];
}

function sameNames(agents: readonly Raw[], yaml: LocatedYaml): LocatedFault[] {
  const firstIndex = new Map<unknown, number>();
  return agents.flatMap(({ name }, index) => {
    const first = firstIndex.get(name);
    if (typeof name !== "string") return [];
    if (first === undefined) {
      firstIndex.set(name, index);
      return [];
    }
    const place = yaml.placeOf(["agents", index, "name"]);
    const { line } = yaml.placeOf(["agents", first, "name"]);
    const message = `two agents are named ${JSON.stringify(name)}: line ${line} and line ${place.line}`;
    return [{ ...place, message, hint: "" }];
  });
}

interface AgentAt {
  defaults: Raw;
  index: number;
  yaml: LocatedYaml;
}

function missingArgs(agent: Raw, { defaults, index, yaml }: AgentAt): LocatedFault[] {
  const name = agent["runtime"] ?? defaults["runtime"] ?? defaultRuntime;
  const args = agent["args"] ?? defaults["args"] ?? [];
  const runtime = runtimeNames.find((known) => known === name);
  if (runtime === undefined || !Array.isArray(args)) return [];
  if (runtimes[runtime].program.kind !== "argv") return [];
  if (args.length > 0 && args[0] !== "") return [];
  const key =
    ["args", "runtime", "name"].find((candidate) => agent[candidate] !== undefined) ?? "name";
  const message = `agents[${index}]: expected args with the program to run (runtime ${runtime}), found none`;
  return [
    { ...yaml.placeOf(["agents", index, key]), message, hint: "such as args: [htop, -d, 10]" },
  ];
}

function backoffs(defaults: Raw, agents: readonly Raw[], yaml: LocatedYaml): LocatedFault[] {
  const shared = asMap(defaults["restart"]);
  const own = agents.map((agent) => asMap(agent["restart"]));
  const sources: { restart: Raw; path: Path }[] = [
    { restart: shared, path: ["defaults", "restart"] },
    ...own.map((restart, index) => ({ restart, path: ["agents", index, "restart"] })),
  ];
  return sources.flatMap(({ restart, path }) => {
    const key = ["backoff", "backoffMax"].find((candidate) => restart[candidate] !== undefined);
    const merged = { ...shared, ...restart };
    const backoff = String(merged["backoff"]);
    const backoffMax = String(merged["backoffMax"]);
    const pauseMs = parseDuration(backoff);
    const longestMs = parseDuration(backoffMax);
    if (
      key === undefined ||
      pauseMs === undefined ||
      longestMs === undefined ||
      pauseMs <= longestMs
    )
      return [];
    const message = `${pathPrefix(path)}expected a backoff of at most backoffMax (${backoffMax}), found ${backoff}`;
    return [{ ...yaml.placeOf([...path, key]), message, hint: "" }];
  });
}

function asMap(value: unknown): Raw {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}
