// What stands in the gateway's store in front of an install: whether it has an admin, and the account that the environment names.
import type { ConfigFault, LoadedSettings } from "../config/load.ts";
import type { Context, SqlServer } from "../context.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { AppError } from "../errors.ts";
import { gatewayDatabase } from "./files.ts";
import { currentVersion } from "./store/migrate.ts";
import { findUser, hasAdmin } from "./store/users.ts";

export interface Standing {
  hasAdmin: boolean;
  /** What becomes of the admin that the environment names, where there is one already; empty when it names none. */
  accountNote: string;
}

const nobody: Standing = { hasAdmin: false, accountNote: "" };

/** Looks, and changes nothing. A store that cannot be asked is a fault. */
export async function askStore(
  ctx: Context,
  { values }: Pick<LoadedSettings, "values">,
  faults: ConfigFault[],
): Promise<Standing> {
  const tier: string | undefined = values["gateway.storageTier"];
  const url = values["gateway.databaseUrl"];
  const given = { name: values["admin.name"], email: values["admin.email"] };
  try {
    if (tier === "team") {
      if (url === undefined) return nobody;
      await using sql = await ctx.connectPostgres(url.reveal());
      return await standingOf(sql, given);
    }
    const path = gatewayDatabase(ctx.paths);
    if ((await ctx.files.stat(path)) === undefined) return nobody;
    await using sql = await ctx.openSqlServer(path);
    return await standingOf(sql, given);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    faults.push({ message: error.message, hint: error.hint?.split("\n")[0] ?? "" });
    return nobody;
  }
}

interface Named {
  name: string | undefined;
  email: string | undefined;
}

async function standingOf(sql: SqlServer, { name, email: given }: Named): Promise<Standing> {
  if ((await currentVersion(sql)) === 0 || !(await hasAdmin(sql))) return nobody;
  if (given === undefined) {
    const only = "MOSAIC_ADMIN_NAME alone names no account: MOSAIC_ADMIN_EMAIL is missing";
    return { hasAdmin: true, accountNote: name === undefined ? "" : only };
  }
  const email = given.toLowerCase();
  const user = await findUser(sql, { email });
  if (user === undefined) {
    const accountNote = `there is an admin already, and no account of ${email}: mosaic gateway admin create`;
    return { hasAdmin: true, accountNote };
  }
  const isSame = name === undefined || name === user.name;
  const accountNote = isSame
    ? ""
    : `${email} has its account as ${oneLine(user.name)}: MOSAIC_ADMIN_NAME changes no account that is there`;
  return { hasAdmin: true, accountNote };
}
