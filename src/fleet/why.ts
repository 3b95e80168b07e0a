// `mosaic agent why NAME`: how the agent last ended, and what stood on its screen.
import { exitCodes } from "../errors.ts";
import type { Context } from "../context.ts";
import { roughDuration } from "../domain/duration.ts";
import { type BlackBox, howItEnded, readBlackBox, readStartFault } from "./black-box.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";
import { observeFleet, type ObservedAgent } from "./observe.ts";

/** Exit code 0; also when there is nothing to tell, which it says. */
export async function explainEnd(
  ctx: Context,
  { name, json }: { name: string; json: boolean },
): Promise<number> {
  const roster = await loadRoster(ctx);
  const [now] = (await observeFleet(ctx, { roster, agents: pickAgents(roster, [name]) })).agents;
  const box = await readBlackBox(ctx, name);
  const startFault = await readStartFault(ctx, name);
  if (json)
    ctx.io.out(
      `${JSON.stringify({ ...document({ name, now, box }), startFault: startFault ?? null }, null, 2)}\n`,
    );
  else {
    print(ctx, { name, now, box });
    if (startFault !== undefined) ctx.io.out(`last start: ${startFault}\n`);
  }
  return exitCodes.ok;
}

interface Told {
  name: string;
  now: ObservedAgent | undefined;
  box: BlackBox | undefined;
}

function document({ name, now, box }: Told): object {
  const lastEnd =
    box === undefined
      ? null
      : {
          reason: box.reason,
          status: box.status ?? null,
          signal: box.signal === "" ? null : `SIG${box.signal}`,
          startedAt: box.startedAt * 1000,
          endedAt: box.endedAt * 1000,
          uptimeMs: (box.endedAt - box.startedAt) * 1000,
          screen: box.screen,
        };
  const restarts = now?.supervised?.restarts ?? 0;
  return {
    schemaVersion: 1,
    name,
    state: now?.state ?? "stopped",
    reason: now?.reason ?? "",
    restarts,
    lastEnd,
  };
}

function print(ctx: Context, { name, now, box }: Told): void {
  const reason = now === undefined || now.reason === "" ? "" : ` (${now.reason})`;
  ctx.io.out(
    `${name}: ${now?.state ?? "stopped"}${reason}, ${now?.supervised?.restarts ?? 0} restarts\n`,
  );
  if (box === undefined) {
    ctx.io.out("it has not ended since its state folder was made\n");
    return;
  }
  const ago = roughDuration(ctx.clock.now() - box.endedAt * 1000);
  const uptime = roughDuration((box.endedAt - box.startedAt) * 1000);
  ctx.io.out(`last end: ${howItEnded(box)}, ${ago} ago, after ${uptime} up\n`);
  if (box.screen.length === 0) return;
  ctx.io.out("last screen:\n");
  for (const line of box.screen) ctx.io.out(`  ${line}\n`);
}
