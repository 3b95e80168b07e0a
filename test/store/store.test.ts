import { Database as Sqlite } from "bun:sqlite";
import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import type { Context } from "../../src/context.ts";
import { stateDatabase } from "../../src/domain/names.ts";
import { claimMessage, keepMessage } from "../../src/store/claims.ts";
import { findMessage, keptMs, queueOf } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { addReceipt, receiptsOf } from "../../src/store/receipts.ts";
import { migrations } from "../../src/store/migrations.ts";
import { findStore, openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";
import { runCommand } from "../support/run-command.ts";

const message = {
  agent: "lead",
  label: "host:operator",
  body: "hello",
  key: undefined,
  sender: undefined,
  isNow: false,
  createdAt: 1,
  expiresAt: 2,
};

function faultOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no fault",
    (error: unknown) => error,
  );
}

/** The file as somebody else made it. */
function madeBy(ctx: Context, make: (database: Sqlite) => void): void {
  using database = new Sqlite(stateDatabase(ctx.paths));
  make(database);
}

test("it is made at the first write, for its owner alone, and not by whoever only reads", async () => {
  using ctx = fakeContext();
  expect(await findStore(ctx)).toBeUndefined();
  using store = await openStore(ctx);
  addMessage(store, { ...message, id: "a" });
  const path = stateDatabase(ctx.paths);
  const modes = [path, `${path}-wal`, `${path}-shm`].map((file) => statSync(file).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o600]);
  using again = await findStore(ctx);
  expect(again && queueOf(again, "lead").map(({ id }) => id)).toEqual(["a"]);
});

test("one of a newer mosaic is left alone", async () => {
  using ctx = fakeContext();
  (await openStore(ctx))[Symbol.dispose]();
  madeBy(ctx, (database) => database.run(`PRAGMA user_version = ${migrations.length + 4}`));
  const known = migrations.length;
  expect(await faultOf(openStore(ctx))).toMatchObject({
    message: `${stateDatabase(ctx.paths)} was written by a newer mosaic (schema ${known + 4}, this one knows ${known})`,
  });
});

test("another program's is left alone", async () => {
  using ctx = fakeContext();
  await ctx.files.makeDir(ctx.paths.state, 0o700);
  madeBy(ctx, (database) => database.run("CREATE TABLE theirs (x)"));
  expect(await faultOf(openStore(ctx))).toMatchObject({
    message: expect.stringContaining("is a database of another program"),
    hint: expect.stringContaining("mv "),
  });
});

test("a damaged one is named, with the way to go on, and stays as it is", async () => {
  using ctx = fakeContext();
  const path = stateDatabase(ctx.paths);
  const damaged = "this is no database, and was one once".repeat(40);
  await ctx.files.write(path, damaged, 0o600);
  expect(await faultOf(openStore(ctx))).toMatchObject({
    name: "AppError",
    exitCode: 1,
    message: `${path} is damaged, or no database`,
    hint: expect.stringContaining("mosaic doctor --fix"),
  });
  expect(await ctx.files.readText(path)).toBe(damaged);
});

test("many processes that make it and write it at once lose nothing", async () => {
  using ctx = fakeContext();
  const program = `
    const { createContext } = await import("${import.meta.dir}/../../src/adapters/system.ts");
    const { openStore } = await import("${import.meta.dir}/../../src/store/store.ts");
    const { addMessage } = await import("${import.meta.dir}/../../src/store/new-message.ts");
    using store = await openStore(createContext());
    for (let n = 0; n < 50; n++) {
      addMessage(store, { ...${JSON.stringify(message)}, key: "key-" + n, id: process.argv.at(-1) + "-" + n });
    }`;
  const env = { HOME: ctx.home.path, PATH: "/usr/bin:/bin" };
  const names = ["a", "b", "c", "d", "e", "f"];
  const runs = names.map((name) => runCommand([process.execPath, "-e", program, name], { env }));
  const ends = await Promise.all(runs);
  expect(ends.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(names.map(() => [0, ""]));
  using store = await openStore(ctx);
  // Of each key one, whoever was first.
  const queue = queueOf(store, "lead").map(({ key }) => key);
  const keys = Array.from({ length: 50 }, (_, n) => `key-${n}`);
  expect([queue.length, new Set<unknown>(queue)]).toEqual([50, new Set(keys)]);
}, 20_000);

test("a write waits for another process's, and gives up with exit 75", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  using other = new Sqlite(stateDatabase(ctx.paths));
  other.run("BEGIN IMMEDIATE");
  store.script("PRAGMA busy_timeout = 50");
  expect(() => addMessage(store, { ...message, id: "a" })).toThrow("is locked by another process");
  other.run("COMMIT");
  expect(addMessage(store, { ...message, id: "a" }).isNew).toBe(true);
});

test("a message is kept for thirty days, and as long as it waits", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const forever = { ...message, expiresAt: Number.MAX_SAFE_INTEGER };
  const { message: old } = addMessage(store, { ...forever, id: "old" });
  addMessage(store, { ...forever, id: "waits" });
  addReceipt(store, old, { status: "refused", at: 2, source: "screen", evidence: "", cause: "" });
  addMessage(store, { ...message, id: "at last", createdAt: message.createdAt + keptMs });
  expect(findMessage(store, "old")?.status).toBe("refused");
  addMessage(store, { ...message, id: "later", createdAt: message.createdAt + keptMs + 2 });
  expect([findMessage(store, "old"), findMessage(store, "waits")?.status]).toEqual([
    undefined,
    "queued",
  ]);
});

test("what nobody could type in time is expired, and makes room in the queue", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  addMessage(store, { ...message, id: "a" });
  addMessage(store, { ...message, id: "b", createdAt: message.expiresAt, expiresAt: 9 });
  expect(["a", "b"].map((id) => findMessage(store, id)?.status)).toEqual(["expired", "queued"]);
});

test("the same key: tried anew when nothing was typed, and never with another text", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const keyed = { ...message, key: "k", expiresAt: 99 };
  const { message: first } = addMessage(store, { ...keyed, id: "a" });
  addReceipt(store, first, { status: "refused", at: 2, source: "screen", evidence: "", cause: "" });
  const again = addMessage(store, { ...keyed, id: "b", createdAt: 5, expiresAt: 105 });
  expect([again.isNew, again.message.id, again.message.status]).toEqual([false, "a", "queued"]);
  // When it was sent first, and what became of it then, is not lost.
  expect(again.message.createdAt).toBe(first.createdAt);
  expect(receiptsOf(store, first)).toEqual([
    expect.objectContaining({
      status: "queued",
      evidence: expect.stringMatching(/, again at 1970-01-01T00:00:00.005Z; refused before: /),
    }),
  ]);
  addReceipt(store, first, { status: "typed", at: 6, source: "screen", evidence: "", cause: "" });
  expect(addMessage(store, { ...keyed, id: "c" }).message.status).toBe("typed");
  expect(() => addMessage(store, { ...keyed, id: "d", body: "another" })).toThrow(
    "the key k was used for another message to lead",
  );
});

test("a message is claimed by one, and keeping it takes nothing from whoever types it", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const { message: one } = addMessage(store, { ...message, id: "a" });
  expect([claimMessage(store, one, 1), claimMessage(store, one, 2)]).toEqual([true, false]);
  keepMessage(store, one);
  expect(findMessage(store, "a")).toMatchObject({ claimedAt: 1, isKept: true });
});
