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
      const count = Number(row?.["n"] ?? 0);
      return ok(`state.db is sound, ${count === 1 ? "1 message waits" : `${count} messages wait`}`);
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

/** How many wait in it; undefined when it cannot be read so far. */
async function countWaiting(ctx: Context): Promise<number | undefined> {
  try {
    using database = await findStore(ctx);
    const sql = "SELECT count(*) AS n FROM messages WHERE status = 'queued'";
    return database === undefined ? 0 : Number(database.all(sql)[0]?.["n"] ?? 0);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return undefined;
  }
}

function messages(count: number): string {
  return count === 1 ? "1 message that waited" : `${count} messages that waited`;
}

/** No byte is lost by setting it aside: all that hold it open notice, and go on with a new one. */
function damaged(ctx: Context, detail: string): CheckResult {
  const path = stateDatabase(ctx.paths);
  return mendedBy(problem(detail, "mosaic doctor --fix"), {
    what: `set ${path} aside, to start anew with an empty one`,
    run: async () => {
      const waiting = await countWaiting(ctx);
      const kept = await ctx.setDatabaseAside(path);
      const many =
        waiting === undefined ? "what waited, which cannot be counted," : messages(waiting);
      ctx.io.err(
        `kept as ${kept}, with its -wal and -shm: every message and answer until now; ${many} will not be delivered\n`,
      );
    },
  });
}
