// `mosaic gateway admin …`: accounts by the store alone, whether the gateway runs or not. Who may read and write the
// gateway's files administers it.
import { loadSettings, requireSettings } from "../config/load.ts";
import type { Context } from "../context.ts";
import { isEmailOf } from "../domain/password.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { createPasswords } from "./auth/passwords.ts";
import { openGatewayStore } from "./open-store.ts";
import { settingsOf } from "./settings.ts";
import { addAudit } from "./store/audit.ts";
import { addFirstAdmin, addUser } from "./store/users.ts";

/** Exit code 0. Throws AppError: exit 2 for what is missing or wrong, 4 when the address has an account. */
export async function createAdmin(ctx: Context): Promise<number> {
  const values = await requireSettings(ctx, {
    needed: ["admin.name", "admin.email", "admin.password"],
  });
  const { "admin.name": name, "admin.email": given, "admin.password": secret } = values;
  if (name === undefined || given === undefined || secret === undefined) {
    throw new Error("settings that are needed are not there");
  }
  const email = given.toLowerCase();
  const text = secret.reveal();
  if (isEmailOf(text, email)) throw usageError("MOSAIC_ADMIN_PASSWORD is the e-mail address");
  const { sql } = await openGatewayStore(ctx, settingsOf(await loadSettings(ctx)));
  await using _ = sql;
  const password = await createPasswords().hash(text);
  const at = ctx.clock.now();
  const user = { id: ctx.randomHex(16), email, name, password, at };
  const isAdded =
    (await addFirstAdmin(sql, user)) || (await addUser(sql, { ...user, role: "admin" }));
  if (!isAdded) {
    throw new AppError(`there is an account of ${email} already`, {
      exitCode: exitCodes.refused,
      hint: `mosaic gateway admin reset-password ${email}`,
    });
  }
  const entry = { actor: "", via: "cli", action: "user.create", address: "" } as const;
  await addAudit(sql, { ...entry, at, target: email, outcome: "admin" });
  ctx.io.out(`added the admin ${email}\n`);
  return exitCodes.ok;
}
