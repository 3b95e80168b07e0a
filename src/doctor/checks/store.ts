// state.db: whether messages and receipts can be read and written.
import { AppError } from "../../errors.ts";
import { findStore } from "../../store/store.ts";
import { type Check, ok, problem } from "../check.ts";

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
      if (word !== "ok") return problem(`state.db is damaged: ${word}`, "mosaic agent messages");
      const [row] = database.all("SELECT count(*) AS n FROM messages WHERE status = 'queued'");
      return ok(`state.db is sound, ${String(row?.["n"] ?? 0)} messages wait`);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return problem(error.message, error.hint ?? "");
    }
  },
};
