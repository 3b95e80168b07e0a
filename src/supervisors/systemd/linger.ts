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
