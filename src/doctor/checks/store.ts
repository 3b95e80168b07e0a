// state.db: whether messages and receipts can be read and written.
import { AppError } from "../../errors.ts";
import { findStore } from "../../store/store.ts";
import type { Context } from "../../context.ts";
import { stateDatabase } from "../../domain/names.ts";
import { type Check, type CheckResult, mendedBy, ok, problem } from "../check.ts";

export const store: Check = {
  id: "store",
  title: "messages and reports",
  needs: "home",
  async run(ctx) {
    try {
      using database = await findStore(ctx);
      if (database === undefined) return ok("nothing was sent or reported yet");
      // Writes nothing, and fails as a message would (sqlite.org/pragma.html#pragma_quick_check).
      const said = database.transaction(() => database.all("PRAGMA quick_check(1)"));
      const word = String(said[0]?.["quick_check"] ?? "");
      if (word !== "ok") return damaged(ctx, `state.db is damaged: ${word}`);
      const [row] = database.all("SELECT count(*) AS n FROM messages WHERE status = 'queued'");
      return ok(`state.db is sound, ${String(row?.["n"] ?? 0)} messages wait`);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.hint?.endsWith("mosaic doctor --fix") !== true) {
        return problem(error.message, error.hint ?? "");
      }
      return damaged(ctx, error.message);
    }
  },
};

/** Nothing is lost by setting it aside: all that hold it open notice, and go on with a new one. */
function damaged(ctx: Context, detail: string): CheckResult {
  const path = stateDatabase(ctx.paths);
  return mendedBy(problem(detail, "mosaic doctor --fix"), {
    what: `set ${path} aside, to start anew with an empty one`,
    run: async () => {
      const kept = await ctx.setDatabaseAside(path);
      ctx.io.err(`kept as ${kept}\n`);
    },
  });
}
