// What `mosaic update` prints: the result and the proof, as lines or as JSON.
import type { Context } from "../context.ts";
import type { Owner } from "../domain/owner.ts";
import type { UpdateChoice } from "../domain/release.ts";
import { exitCodes } from "../errors.ts";
import type { UpdateReport } from "./update.ts";

export interface CheckReport {
  owner: Owner;
  current: string;
  /** Both undefined where somebody else owns the executable. */
  latest?: string;
  choice?: UpdateChoice;
}

/** Exit code 0, or 4 where somebody else has to update: nothing was changed in any case. */
export function tellCheck(ctx: Context, report: CheckReport, { json }: { json: boolean }): number {
  const { owner, current, latest, choice } = report;
  const isOurs = owner.kind === "ours";
  if (json) {
    const available = choice === "update";
    ctx.io.out(
      `${JSON.stringify({ schemaVersion: 1, current, latest, available, owner }, null, 2)}\n`,
    );
  } else if (isOurs) {
    const next = choice === "update" ? "update available: mosaic update" : "nothing to update";
    ctx.io.out(`current  ${current}\nlatest   ${latest}\n${next}\n`);
  } else {
    ctx.io.out(`current  ${current}, which belongs to ${owner.name}\n${owner.command}\n`);
  }
  return isOurs ? exitCodes.ok : exitCodes.refused;
}

/** Exit code 0, or 3 when an agent did not live through it. */
export function tellUpdate(
  ctx: Context,
  report: UpdateReport,
  { json }: { json: boolean },
): number {
  const { result, from, to, manifest, agents } = report;
  const isWhole = agents.every(({ before, after }) => before === after);
  if (json) {
    ctx.io.out(`${JSON.stringify({ schemaVersion: 1, ...report }, null, 2)}\n`);
  } else if (result === "updated") {
    ctx.io.out(`${[`mosaic ${from} -> ${to}`, ...proof(report)].join("\n")}\n`);
  } else {
    const why = result === "up-to-date" ? "the newest" : `newer than the newest release (${to})`;
    ctx.io.out(`mosaic ${from} is ${why}\n`);
  }
  if (manifest.some(({ fate }) => fate === "lost")) return exitCodes.notRunning;
  return isWhole ? exitCodes.ok : exitCodes.notRunning;
}

function proof({ manifest, agents }: UpdateReport): string[] {
  const rows = manifest.map(({ what, fate, before, after }) => {
    const shown = fate === "unchanged" ? short(before) : `${short(before)} -> ${short(after)}`;
    return `  ${fate.padEnd(9)}  ${what}  ${shown}`;
  });
  const lived = agents.map(({ name, before, after }) =>
    before === after
      ? `  alive      ${name}  pid ${before}`
      : `  LOST       ${name}  pid ${before} -> ${after ?? "gone"}`,
  );
  return [...rows, ...lived];
}

/** Enough of a hash to compare by eye; `--json` has all of it. */
function short(hash: string): string {
  return hash.replace(/^([0-9a-f]{12})[0-9a-f]{52}/, "$1");
}
