// Which local store a team's database is the copy of. Decided before a row is copied: accounts of two installations in one
// database could not be told apart any more, and a copy that was used since would get back what was ended there.
import type { Context, SqlServer } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import { claimFact, findFact, putFact } from "./store/facts.ts";
import { tables } from "./store/tables.ts";

/** The id of a store that was ever copied; the copy has it too, as all facts. */
const idFact = "store";

/** In the copy alone: it is whole, since then. */
const wholeFact = "copied-at";

/** The team that gateways on an empty database have made already: it stays (bus/bus.ts). */
const teamFact = "team";

/**
 * `whole` when all was copied before. Throws AppError, exit 4, unless the target is empty or a copy of this very store that was
 * cut off.
 */
export async function claimTarget(
  ctx: Context,
  { from, to }: { from: SqlServer; to: SqlServer },
): Promise<"begun" | "whole"> {
  const own = await claimFact(from, { name: idFact, value: ctx.randomHex(32) });
  const known = await findFact(to, idFact);
  if (known === undefined && (await holdsRows(to))) throw foreign("has rows of its own already");
  if ((await claimFact(to, { name: idFact, value: own })) !== own) {
    throw foreign("holds the copy of another gateway's store");
  }
  const team = await findFact(to, teamFact);
  if (team !== undefined) await putFact(from, { name: teamFact, value: team });
  return (await findFact(to, wholeFact)) === undefined ? "begun" : "whole";
}

export async function markWhole(ctx: Context, to: SqlServer): Promise<void> {
  await putFact(to, { name: wholeFact, value: String(ctx.clock.now()) });
}

async function holdsRows(sql: SqlServer): Promise<boolean> {
  for (const { name } of tables) {
    if (name === "facts") continue;
    if ((await sql.all(`SELECT 1 AS one FROM ${name} LIMIT 1`)).length > 0) return true;
  }
  return false;
}

function foreign(what: string): AppError {
  return new AppError(`the team's database ${what}`, {
    exitCode: exitCodes.refused,
    hint: "name an empty one in MOSAIC_DATABASE_URL: two stores are not mixed",
  });
}
