// The unit of the gateway: its text, and what systemd says of it.
import type { Context } from "../../context.ts";
import { planUnit, shellEnvironment, type UnitFile } from "../../supervisors/systemd/sync.ts";
import { unitEnvironmentOf } from "../../supervisors/systemd/unit-environment.ts";
import { renderUnit } from "../../supervisors/systemd/units.ts";
import { gatewayUnit } from "../files.ts";
import { type Reach, systemctl, systemctlWords, type UnitKind } from "./systemctl.ts";

/** Tells the gateway that what it starts is ended with it, unless that has a unit of its own. */
export const asUnit = "MOSAIC_GATEWAY_UNIT";

/** Where the units of the administrator are (systemd.unit(5)). */
const systemFolder = "/etc/systemd/system";

const folderOf = (kind: UnitKind, ctx: Context): string =>
  kind === "user-unit" ? ctx.paths.systemdUser : systemFolder;

export interface InstalledUnit {
  kind: UnitKind;
  path: string;
  text: string;
  /** The link by which it starts at boot, once it is enabled. */
  link: string;
  /** The home whose gateway it runs; undefined when the unit does not say. */
  home: string | undefined;
}

/** The unit as it would be written. A person's own changes are kept (`edited`). */
export async function planGatewayUnit(ctx: Context, kind: UnitKind): Promise<UnitFile> {
  const folder = kind === "user-unit" ? "user" : "system";
  const asset = await ctx.assets.read(`systemd/${folder}/${gatewayUnit}`);
  const template = new TextDecoder().decode(asset);
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
    // The system's manager knows root's alone by what /etc/passwd says.
    ...(kind === "system-unit" ? { HOME: ctx.env["HOME"] ?? "/root" } : {}),
  };
  return await planUnit(ctx, {
    path: `${folderOf(kind, ctx)}/${gatewayUnit}`,
    body: renderUnit(template, { configDir: config, env }),
    edit: [...systemctlWords(kind), "edit"].join(" "),
  });
}

/** The units that are there: the user's own, and for root that of the system. */
export async function installedUnits(ctx: Context): Promise<InstalledUnit[]> {
  const kinds: readonly UnitKind[] =
    ctx.host.uid === 0 ? ["user-unit", "system-unit"] : ["user-unit"];
  const found: InstalledUnit[] = [];
  for (const kind of kinds) {
    const path = `${folderOf(kind, ctx)}/${gatewayUnit}`;
    const text = await ctx.files.readText(path);
    if (text === undefined) continue;
    const target = kind === "user-unit" ? "default.target" : "multi-user.target";
    const link = `${folderOf(kind, ctx)}/${target}.wants/${gatewayUnit}`;
    found.push({ kind, path, text, link, home: unitEnvironmentOf(text).get("MOSAIC_HOME") });
  }
  return found;
}

/** The one that runs the gateway of this home, else one of another home; undefined when none is installed. */
export async function installedUnit(ctx: Context): Promise<InstalledUnit | undefined> {
  const units = await installedUnits(ctx);
  return units.find(({ home }) => home === ctx.paths.config) ?? units[0];
}

/** `active`, `failed`, `inactive`, …; empty when no manager answers. */
export async function unitState(reach: Reach): Promise<string> {
  const asked = await systemctl(reach, "show", "--property=ActiveState", "--value", gatewayUnit);
  return asked.stdout.trim();
}
