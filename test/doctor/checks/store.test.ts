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
    detail: "state.db is sound, 1 messages wait",
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
  expect(ctx.stderr).toContain(`kept as ${stateDatabase(ctx.paths)}.aside-1\n`);
});
