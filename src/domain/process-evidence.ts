// Whether a runtime's own program runs below a pane, from a list of processes. Pure.
import type { ProcessInfo } from "../context.ts";

export interface ProcessWithArgv extends ProcessInfo {
  argv: readonly string[];
}

/** All descendants of a process, nearest first. */
export function descendants(processes: readonly ProcessInfo[], rootPid: number): ProcessInfo[] {
  const children = new Map<number, ProcessInfo[]>();
  for (const one of processes) {
    const siblings = children.get(one.parentPid);
    if (siblings === undefined) children.set(one.parentPid, [one]);
    else siblings.push(one);
  }
  const found: ProcessInfo[] = [];
  let level = children.get(rootPid) ?? [];
  while (level.length > 0) {
    found.push(...level);
    level = level.flatMap((one) => children.get(one.pid) ?? []);
  }
  return found;
}

/**
 * The first process that proves the runtime: the basename of argv[0], of argv[1] (a script run by an
 * interpreter) or comm is one of the names. With no names any living process counts.
 */
export function runtimeProcess(
  processes: readonly ProcessWithArgv[],
  processNames: readonly string[],
): ProcessWithArgv | undefined {
  const living = processes.filter((one) => one.state !== "Z");
  if (processNames.length === 0) return living[0];
  return living.find((one) => {
    const words = [one.argv[0], one.argv[1], one.comm].map((word) => basename(word ?? ""));
    return words.some((word) => processNames.includes(word));
  });
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
