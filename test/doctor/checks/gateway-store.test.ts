import { expect, test } from "bun:test";
import { gatewayStore } from "../../../src/doctor/checks/gateway-store.ts";
import { gatewayDatabase } from "../../../src/gateway/files.ts";
import { migrations } from "../../../src/gateway/store/migrations.ts";
import { doctorContext, examine } from "../examine.ts";

test("no store is no fault, and makes none", async () => {
  using ctx = doctorContext();
  expect(await examine(ctx, gatewayStore)).toMatchObject({ status: "ok" });
  expect(await ctx.files.stat(gatewayDatabase(ctx.paths))).toBeUndefined();
});

test("one that this version knows is sound, and one of a newer version is a problem with a way out", async () => {
  using ctx = doctorContext();
  await ctx.files.makeDir(ctx.paths.data, 0o700);
  using database = await ctx.openDatabase(gatewayDatabase(ctx.paths), { create: true });
  database?.script("CREATE TABLE schema_versions (version INTEGER PRIMARY KEY, applied_at TEXT)");
  database?.run("INSERT INTO schema_versions VALUES (?, '')", migrations.length);
  expect(await examine(ctx, gatewayStore)).toMatchObject({ status: "ok" });
  database?.run("INSERT INTO schema_versions VALUES (?, '')", migrations.length + 1);
  const newer = await examine(ctx, gatewayStore);
  expect(newer.status).toBe("problem");
  expect(newer.detail).toContain("was written by a newer mosaic");
  expect(newer.fix).toContain("mosaic update");
});
