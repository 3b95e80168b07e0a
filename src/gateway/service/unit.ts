// The unit of the gateway: its text, and what systemd says of it.
import type { Context } from "../../context.ts";
import { planUnit, shellEnvironment, type UnitFile } from "../../supervisors/systemd/sync.ts";
import { unitEnvironmentOf } from "../../supervisors/systemd/unit-environment.ts";
import { renderUnit } from "../../supervisors/systemd/units.ts";
import { systemctl } from "../../supervisors/systemd/systemctl.ts";
import { gatewayUnit } from "../files.ts";

/** Tells the gateway that what it starts is ended with it, unless that has a unit of its own. */
export const asUnit = "MOSAIC_GATEWAY_UNIT";

export function unitPathOf(ctx: Context): string {
  return `${ctx.paths.systemdUser}/${gatewayUnit}`;
}

/** The unit as it would be written. A person's own changes are kept (`edited`). */
export async function planGatewayUnit(ctx: Context): Promise<UnitFile> {
  const template = new TextDecoder().decode(await ctx.assets.read(`systemd/user/${gatewayUnit}`));
  const { config, state, executable } = ctx.paths;
  const isOwnHome = state === `${config}/state`;
  const data = ctx.env["XDG_DATA_HOME"];
  const env = {
    ...shellEnvironment(ctx.env),
    ...(data === undefined || data === "" ? {} : { XDG_DATA_HOME: data }),
    MOSAIC_HOME: config,
    MOSAIC_BIN: executable,
    [asUnit]: "1",
    ...(isOwnHome ? { MOSAIC_STATE: state } : {}),
  };
  return await planUnit(ctx, {
    path: unitPathOf(ctx),
    body: renderUnit(template, { configDir: config, env }),
  });
}

/** The home whose gateway the installed unit runs; undefined when none is installed. */
export async function installedHome(ctx: Context): Promise<string | undefined> {
  const text = await ctx.files.readText(unitPathOf(ctx));
  return text === undefined ? undefined : unitEnvironmentOf(text).get("MOSAIC_HOME");
}

/** `active`, `failed`, `inactive`, …; empty when no manager answers. */
export async function unitState(ctx: Context): Promise<string> {
  const { stdout } = await systemctl(ctx, "show", "--property=ActiveState", "--value", gatewayUnit);
  return stdout.trim();
}
