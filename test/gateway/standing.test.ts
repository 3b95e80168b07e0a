// What an install tells of the admin that the environment names, where there is an admin already.
import { expect, test } from "bun:test";
import { loadSettings } from "../../src/config/load.ts";
import { openGatewayStore } from "../../src/gateway/open-store.ts";
import { settingsOf } from "../../src/gateway/settings.ts";
import { askStore } from "../../src/gateway/standing.ts";
import { addFirstAdmin } from "../../src/gateway/store/users.ts";
import { fakeContext } from "../support/fake-context.ts";

test.each([
  [{}, ""],
  [{ MOSAIC_ADMIN_EMAIL: "Nobody@example.com" }, ""],
  [{ MOSAIC_ADMIN_EMAIL: "nobody@example.com", MOSAIC_ADMIN_NAME: "Nobody" }, ""],
  [
    { MOSAIC_ADMIN_EMAIL: "other@example.com" },
    /no account of other@.*: mosaic gateway admin create$/,
  ],
  [
    { MOSAIC_ADMIN_EMAIL: "nobody@example.com", MOSAIC_ADMIN_NAME: "Other" },
    /account as Nobody.*NAME changes no/,
  ],
  [{ MOSAIC_ADMIN_NAME: "Other" }, /MOSAIC_ADMIN_EMAIL is missing/],
])("beside an admin, %j", async (env, wanted) => {
  using ctx = fakeContext({ env });
  const loaded = await loadSettings(ctx);
  const empty = await askStore(ctx, loaded, []);
  expect(empty).toEqual({ hasAdmin: false, accountNote: "" });
  const { sql } = await openGatewayStore(ctx, settingsOf(loaded));
  await using _ = sql;
  const email = "nobody@example.com";
  await addFirstAdmin(sql, { id: "1", email, name: "Nobody", password: "hash", at: 1 });
  const { hasAdmin, accountNote } = await askStore(ctx, loaded, []);
  expect(hasAdmin).toBe(true);
  if (typeof wanted === "string") expect(accountNote).toBe(wanted);
  else expect(accountNote).toMatch(wanted);
});
