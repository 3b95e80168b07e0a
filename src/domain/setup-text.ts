// The plan of the first run as people read it. Pure.
import type { PlannedFile, SetupAgent, SetupPlan, SkippedStep } from "./setup-model.ts";

/**
 * The plan for people: a line for each step, and below it what there is to know, its files and commands; then a line for
 * each of the steps that are told as left out.
 */
export function planLines(
  { steps }: Pick<SetupPlan, "steps">,
  { home, left }: { home: string; left: readonly SkippedStep[] },
): string[] {
  const width = widthOf([...steps, ...left]);
  const below = " ".repeat(width + 4);
  const taken = steps.flatMap(({ name, summary, notes, files, commands }) => [
    `${name.padEnd(width)}  ${summary}`,
    ...notes.map((note) => `${below}${note}`),
    ...filesOf(files, home).map((line) => `${below}${line}`),
    ...commands.map((command) => `${below}run ${command}`),
  ]);
  return [
    ...taken,
    ...left.map(({ name, reason }) => `${name.padEnd(width)}  left out: ${reason}`),
  ];
}

function widthOf(named: readonly { name: string }[]): number {
  return Math.max(0, ...named.map(({ name }) => name.length));
}

/** `canary-1, canary-2 (canary), lead (pi)`. */
export function namesOf(agents: readonly SetupAgent[]): string {
  const runtimes = [...new Set(agents.map(({ runtime }) => runtime))];
  if (agents.length === 0) return "no agent";
  return runtimes
    .map((runtime) => {
      const names = agents.filter((agent) => agent.runtime === runtime).map(({ name }) => name);
      return `${names.join(", ")} (${runtime})`;
    })
    .join(", ");
}

/** A path as people write it. */
export function tilde(path: string, home: string): string {
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** More than these of one folder are told as a number. */
const mostFiles = 4;

function filesOf(files: readonly PlannedFile[], home: string): string[] {
  if (files.length > mostFiles) {
    const [first = [], ...others] = files.map(({ path }) => path.split("/").slice(0, -1));
    const end = first.findIndex((part, at) => others.some((other) => other[at] !== part));
    const shared = end < 0 ? first : first.slice(0, end);
    return [`write ${files.length} files below ${tilde(shared.join("/"), home)}`];
  }
  return files.map(({ path, mode, how }) => {
    const shown = mode.toString(8).padStart(4, "0");
    return how === "new" ? `write ${tilde(path, home)} (${shown})` : `change ${tilde(path, home)}`;
  });
}
