// Whether this user's manager runs without a login (loginctl(1), enable-linger).
import type { Context } from "../../context.ts";

/** systemd-logind keeps one empty file per lingering user there. */
const lingerDir = "/var/lib/systemd/linger";

/** The user's name, and whether linger is on. */
export async function isLingering(ctx: Context): Promise<{ user: string; on: boolean }> {
  const named = await ctx.exec(["id", "-un"]);
  const user = named.stdout.trim() || String(ctx.host.uid);
  return { user, on: (await ctx.files.stat(`${lingerDir}/${user}`)) !== undefined };
}

/** Where the system bus listens unless DBUS_SYSTEM_BUS_ADDRESS says else (the D-Bus specification, well-known bus instances). */
const systemBus = "unix:path=/run/dbus/system_bus_socket";

/** Why nobody, an administrator neither, can turn linger on here: systemd-logind is asked over the system bus. Empty when one is there. */
export async function lingerFault({ env, files }: Context): Promise<string> {
  const given = env["DBUS_SYSTEM_BUS_ADDRESS"] ?? "";
  const path = /^unix:path=([^,;]+)/.exec(given === "" ? systemBus : given)?.[1];
  if (path === undefined || (await files.stat(path)) !== undefined) return "";
  return `there is no system bus (${path}), so systemd-logind cannot be asked, as in a container`;
}
