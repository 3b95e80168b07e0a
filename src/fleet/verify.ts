// `mosaic fleet verify`: proves each agent of the roster by evidence, and says which evidence failed.
import { exitCodes } from "../errors.ts";
import type { Context } from "../context.ts";
import { descendants, runtimeProcess } from "../domain/process-evidence.ts";
import { runtimes } from "../domain/runtimes.ts";
import { loadRoster } from "./load-roster.ts";
import { observeFleet, type Observation, type ObservedAgent } from "./observe.ts";

export interface Evidence {
  check: "session" | "pane" | "process" | "unit";
  ok: boolean;
  /** What was found, or what is missing. */
  detail: string;
}

/** Exit code 0 when all evidence of all agents holds, else 3. One that runs and is not in the roster is a warning. */
export async function verifyFleet(ctx: Context, { json }: { json: boolean }): Promise<number> {
  const roster = await loadRoster(ctx);
  const seen = await observeFleet(ctx, { roster, agents: roster.agents });
  const processes = await ctx.processes.list();
  const proofs = await Promise.all(
    seen.agents.map(async (one) => {
      // tmux goes on naming the pid of a dead pane, which may be another's by now.
      const pid = one.pane?.isDead === false ? one.pane.panePid : 0;
      const below = pid === 0 ? [] : descendants(processes, pid);
      const withArgv = await Promise.all(
        below.map(async (process) => ({ ...process, argv: await ctx.processes.argv(process.pid) })),
      );
      const found = runtimeProcess(withArgv, runtimes[one.agent.runtime].processNames);
      return { name: one.agent.name, evidence: evidenceOf({ ...one, server: seen.server }, found) };
    }),
  );
  const isProven = proofs.every((proof) => proof.evidence.every((evidence) => evidence.ok));
  const orphans = seen.orphans.map(({ agent }) => agent);
  if (json) {
    const document = { schemaVersion: 1, ok: isProven, agents: proofs, orphans };
    ctx.io.out(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    print(ctx, proofs);
    for (const name of orphans) {
      ctx.io.out(`warning ${name}: runs but is not in the roster\n`);
      ctx.io.out(`        hint: mosaic fleet stop ${name}\n`);
    }
  }
  return isProven ? exitCodes.ok : exitCodes.notRunning;
}

function evidenceOf(
  one: ObservedAgent & Pick<Observation, "server">,
  found: { pid: number; comm: string } | undefined,
): Evidence[] {
  const { pane, supervised } = one;
  const server = {
    none: "no tmux server on the socket",
    foreign: "the tmux server is not ours",
    ours: "",
  }[one.server];
  return [
    pane === undefined
      ? { check: "session", ok: false, detail: server || `no session =${one.agent.name}` }
      : { check: "session", ok: true, detail: `=${one.agent.name}` },
    {
      check: "pane",
      ok: pane !== undefined && !pane.isDead,
      detail:
        pane === undefined
          ? "no pane"
          : `${pane.paneId} ${pane.isDead ? "is dead" : `pid ${pane.panePid}`}`,
    },
    found === undefined
      ? { check: "process", ok: false, detail: `no ${one.agent.runtime} process below the pane` }
      : { check: "process", ok: true, detail: `${found.comm} pid ${found.pid}` },
    {
      check: "unit",
      ok: supervised?.state === "running",
      detail: [supervised?.state ?? "unknown", supervised?.reason ?? ""]
        .filter((word) => word !== "")
        .join(": "),
    },
  ];
}

function print(ctx: Context, proofs: readonly { name: string; evidence: Evidence[] }[]): void {
  for (const { name, evidence } of proofs) {
    const isProven = evidence.every((one) => one.ok);
    const shown = isProven ? evidence : evidence.filter((one) => !one.ok);
    const details = shown.map((one) => `${one.check} ${one.detail}`).join(", ");
    ctx.io.out(`${isProven ? "ok    " : "FAILED"}  ${name}: ${details}\n`);
    if (!isProven)
      ctx.io.out(`        hint: mosaic agent why ${name}; mosaic fleet start ${name}\n`);
  }
}
