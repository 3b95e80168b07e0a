import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "bun:test";
import { store } from "../../../src/doctor/checks/store.ts";
import { runDoctor } from "../../../src/doctor/run.ts";
import { stateDatabase } from "../../../src/domain/names.ts";
import { addMessage } from "../../../src/store/new-message.ts";
import { openStore } from "../../../src/store/store.ts";
import { doctorContext, examine } from "../examine.ts";

test("a store that is not there is no fault, and makes none", async () => {
  using ctx = doctorContext();
  expect(await examine(ctx, store)).toMatchObject({ status: "ok" });
  expect(await ctx.files.stat(stateDatabase(ctx.paths))).toBeUndefined();
});

test("a sound one says how many messages wait", async () => {
  using ctx = doctorContext();
  using database = await openStore(ctx);
  const common = { label: "x", body: "x", key: undefined, sender: undefined, isNow: false };
  addMessage(database, { id: "a", agent: "lead", createdAt: 1, expiresAt: 9, ...common });
  expect(await examine(ctx, store)).toEqual({
    status: "ok",
    detail: "state.db is sound, 1 message waits",
    fix: "",
  });
});

test("a damaged one is a problem, with the way to go on", async () => {
  using ctx = doctorContext();
  await ctx.files.write(stateDatabase(ctx.paths), "garbage".repeat(400), 0o600);
  const answer = await examine(ctx, store);
  expect(answer.status).toBe("problem");
  expect(answer.detail).toContain("is damaged, or no database");
  expect(answer.fix).toBe("mosaic doctor --fix");
  expect(await runDoctor(ctx, { json: false, fix: true, checks: [store] })).toBe(0);
  expect(ctx.stderr).toContain(
    `kept as ${stateDatabase(ctx.paths)}.aside-1, with its -wal and -shm: every message and answer until now; what waited, which cannot be counted, will not be delivered\n`,
  );
});

test("of one that can be read in part it is told how many messages will not be delivered", async () => {
  using ctx = doctorContext();
  const path = stateDatabase(ctx.paths);
  {
    using database = await openStore(ctx);
    const common = { label: "x", body: "x", key: undefined, sender: undefined, isNow: false };
    addMessage(database, { id: "a", agent: "lead", createdAt: 1, expiresAt: 9, ...common });
    database.script("CREATE TABLE torn AS SELECT randomblob(3000) AS x");
  }
  const bytes = readFileSync(path);
  // The page that was made last, which no question of ours touches.
  writeFileSync(path, bytes.fill(0xff, bytes.length - 4096));
  expect(await examine(ctx, store)).toMatchObject({
    status: "problem",
    fix: "mosaic doctor --fix",
  });
  expect(await runDoctor(ctx, { json: false, fix: true, checks: [store] })).toBe(0);
  expect(ctx.stderr).toContain(`kept as ${path}.aside-1`);
  expect(ctx.stderr).toContain("; 1 message that waited will not be delivered\n");
});
