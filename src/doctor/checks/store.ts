// state.db: whether messages and receipts can be read and written.
import { AppError, ProcessError } from "../../errors.ts";
import { findStore, tryToWrite } from "../../store/store.ts";
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
      // sqlite.org/pragma.html#pragma_quick_check
      const said = database.transaction(() => database.all("PRAGMA quick_check(1)"));
      const word = String(said[0]?.["quick_check"] ?? "");
      if (word !== "ok") return damaged(ctx, `state.db is damaged: ${word}`);
      tryToWrite(database);
      const [row] = database.all("SELECT count(*) AS n FROM messages WHERE status = 'queued'");
      return ok(`state.db is sound, ${String(row?.["n"] ?? 0)} messages wait`);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { message, hint = "" } = error;
      if (hint.endsWith("mosaic doctor --fix")) return damaged(ctx, message);
      return hint.startsWith("chmod 600 ")
        ? closed(ctx, { message, hint })
        : problem(message, hint);
    }
  },
};

/** They are ours, and whoever has them open goes on as before. */
function closed(ctx: Context, { message, hint }: { message: string; hint: string }): CheckResult {
  const path = stateDatabase(ctx.paths);
  return mendedBy(problem(message, hint), {
    what: hint,
    run: async () => {
      const files = [path, `${path}-wal`, `${path}-shm`];
      const infos = await Promise.all(files.map((file) => ctx.files.stat(file)));
      const there = files.filter((_, index) => infos[index]?.kind === "file");
      const argv = ["chmod", "600", "--", ...there];
      const result = await ctx.exec(argv);
      if (result.exitCode !== 0) throw new ProcessError({ argv, ...result });
    },
  });
}

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
