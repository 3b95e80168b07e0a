// `mosaic gateway admin …`: accounts by the store alone, whether the gateway runs or not. Who may read and write the
// gateway's files administers it.
import { loadSettings, requireSettings } from "../config/load.ts";
import type { Context, SqlServer } from "../context.ts";
import { isEmailOf, passwordFaults } from "../domain/password.ts";
import type { Secret } from "../domain/secret.ts";
import { formatTable } from "../domain/table.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { createPasswords } from "./auth/passwords.ts";
import { openGatewayStore } from "./open-store.ts";
import { gatewaySettings } from "./settings.ts";
import { addAudit } from "./store/audit.ts";
import { addFirstAdmin, addUser, changeUser, findUser, listUsers } from "./store/users.ts";

/** Exit code 0. Throws AppError: exit 2 for what is missing or wrong, 4 when the address has an account. */
export async function createAdmin(ctx: Context): Promise<number> {
  const needed = ["admin.name", "admin.email", "admin.password"] as const;
  const values = await requireSettings(ctx, { needed });
  const { "admin.name": name, "admin.email": given, "admin.password": password } = values;
  if (name === undefined || given === undefined || password === undefined) {
    throw new Error("settings that are needed are not there");
  }
  const email = given.toLowerCase();
  if (isEmailOf(password.reveal(), email)) {
    throw usageError("MOSAIC_ADMIN_PASSWORD: expected something else than the e-mail address");
  }
  await using sql = await openSql(ctx);
  if (!(await addAdmin(ctx, sql, { name, email, password }))) {
    throw new AppError(`there is an account of ${email} already`, {
      exitCode: exitCodes.refused,
      hint: `mosaic gateway admin reset-password ${email}`,
    });
  }
  ctx.io.out(`added the admin ${email}\n`);
  return exitCodes.ok;
}

/** False when the address has an account, or, for `isFirst`, when another one was first: of many installs at once one wins. */
export async function addAdmin(
  ctx: Context,
  sql: SqlServer,
  {
    name,
    email,
    password: secret,
    isFirst = false,
  }: { name: string; email: string; password: Secret; isFirst?: boolean },
): Promise<boolean> {
  const password = await createPasswords().hash(secret.reveal());
  const at = ctx.clock.now();
  const user = { id: ctx.randomHex(16), email, name, password, at };
  const isAdded =
    (await addFirstAdmin(sql, user)) ||
    (!isFirst && (await addUser(sql, { ...user, role: "admin" })));
  if (isAdded) await note(ctx, sql, { action: "user.create", target: email, outcome: "admin" });
  return isAdded;
}

/**
 * Gives an account a new password, from MOSAIC_ADMIN_PASSWORD or standard input, and ends its sessions and tokens. Throws AppError,
 * exit 2, for a password that will not do or an unknown address.
 */
export async function resetPassword(ctx: Context, given: string): Promise<number> {
  const email = given.toLowerCase();
  const loaded = await loadSettings(ctx);
  const { "admin.password": secret } = loaded.values;
  const fault = loaded.faults.find(({ message }) => message.startsWith("MOSAIC_ADMIN_PASSWORD"));
  if (fault !== undefined) throw usageError(fault.message);
  if (secret === undefined && ctx.io.stdinIsTty) {
    throw usageError(
      "the new password is missing",
      `mosaic gateway admin reset-password ${email} < FILE\nexport MOSAIC_ADMIN_PASSWORD_FILE=…`,
    );
  }
  const password = secret?.reveal() ?? (await ctx.io.readStdin()).replace(/\r?\n$/, "");
  const [wrong] = passwordFaults(password, { email });
  if (wrong !== undefined) throw usageError(`the new password: ${wrong}`);
  await using sql = await openSql(ctx);
  const user = await findUser(sql, { email });
  if (user === undefined) {
    throw usageError(
      `there is no account of ${JSON.stringify(email)}`,
      "mosaic gateway admin list",
    );
  }
  const hash = await createPasswords().hash(password);
  // Who has lost the way in gets it back whole.
  await changeUser(sql, { id: user.id, password: hash, isDisabled: false, at: ctx.clock.now() });
  await note(ctx, sql, { action: "user.password", target: email, outcome: "ok" });
  ctx.io.out(`${email} has a new password, and no session and no token any more\n`);
  return exitCodes.ok;
}

/** All accounts, those without the role too. */
export async function listAdmins(ctx: Context, { json }: { json: boolean }): Promise<number> {
  await using sql = await openSql(ctx);
  const users = await listUsers(sql);
  if (json) {
    ctx.io.out(`${JSON.stringify({ schemaVersion: 1, users }, null, 2)}\n`);
    return exitCodes.ok;
  }
  const rows = users.map(({ email, name, role, isDisabled }) => [
    email,
    name,
    role,
    isDisabled ? "disabled" : "",
  ]);
  const columns = ctx.io.stdoutIsTty ? ctx.io.columns : Number.POSITIVE_INFINITY;
  ctx.io.out(formatTable({ headers: ["E-MAIL", "NAME", "ROLE", ""], rows, columns }));
  return exitCodes.ok;
}

/** The store of the settings in force. */
export async function openSql(ctx: Context): Promise<SqlServer> {
  return (await openGatewayStore(ctx, await gatewaySettings(ctx))).sql;
}

/** What a command did stands in the audit too. */
export async function note(
  ctx: Context,
  sql: SqlServer,
  entry: { action: string; target: string; outcome: string },
): Promise<void> {
  await addAudit(sql, { at: ctx.clock.now(), actor: "", via: "cli", address: "", ...entry });
}
