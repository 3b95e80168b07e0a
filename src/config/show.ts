// `mosaic config show|get|validate`: what counts on this host, and where it was said.
import type { Context } from "../context.ts";
import { configVersion } from "../domain/config-schema.ts";
import { configFile } from "../domain/names.ts";
import {
  isSettingKey,
  secretFile,
  settings,
  type SettingKey,
  storedKeys,
} from "../domain/settings.ts";
import { type ResolvedSetting, showOrigin } from "../domain/settings-resolve.ts";
import { suggest } from "../domain/suggest.ts";
import { formatTable } from "../domain/table.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { type LoadedSettings, loadSettings, settingsError } from "./load.ts";

export interface ShowOptions {
  json: boolean;
  /** With where each value came from, what it overrides, and what has to be restarted for a change. */
  origin: boolean;
}

/** Exit 0. Throws AppError (exit 2) with every fault, after what could be read was shown. */
export async function showConfig(ctx: Context, { json, origin }: ShowOptions): Promise<number> {
  const loaded = await loadSettings(ctx);
  const rows = storedOf(loaded);
  if (json) ctx.io.out(asJson(ctx, rows, loaded));
  else ctx.io.out(asTable(ctx, rows, origin));
  tellNewer(ctx, loaded);
  if (loaded.faults.length > 0) throw settingsError(loaded.faults);
  return exitCodes.ok;
}

/** Prints one value. Exit 1 when it is not set; AppError exit 4 for a secret. */
export async function getConfig(ctx: Context, name: string): Promise<number> {
  const key = knownKey(name);
  if (settings[key].isSecret) {
    throw new AppError(`${key} is a secret, which is never printed`, {
      exitCode: exitCodes.refused,
      hint: `its file: ${secretFile(ctx.paths, key)}`,
    });
  }
  const loaded = await loadSettings(ctx);
  if (loaded.faults.length > 0) throw settingsError(loaded.faults);
  const shown = loaded.resolved.find((one) => one.key === key)?.shown;
  if (shown === undefined) return exitCodes.failed;
  ctx.io.out(`${shown}\n`);
  return exitCodes.ok;
}

/** Exit 0 when everything that is said is valid. Throws AppError (exit 2) with every fault. */
export async function validateConfig(ctx: Context): Promise<number> {
  const loaded = await loadSettings(ctx);
  if (loaded.faults.length > 0) throw settingsError(loaded.faults);
  tellNewer(ctx, loaded);
  const { fileVersion } = loaded;
  const file = configFile(ctx.paths);
  ctx.io.err(fileVersion === undefined ? `valid; there is no ${file}\n` : `valid: ${file}\n`);
  return exitCodes.ok;
}

/** A key of the configuration. Throws AppError (exit 2), with what was meant. */
export function knownKey(name: string): SettingKey {
  if (isSettingKey(name) && settings[name].kind === "setting") return name;
  if (isSettingKey(name)) {
    const { variable } = settings[name];
    throw usageError(
      `${name} is used once, at an install, and kept nowhere`,
      `export ${variable}=…`,
    );
  }
  const byVariable = storedKeys.find((key) => settings[key].variable === name);
  const near = byVariable ?? suggest(name, storedKeys);
  throw usageError(
    `there is no setting ${JSON.stringify(name)}`,
    near === undefined ? "mosaic config show" : `did you mean ${near}?`,
  );
}

/** The refusal of a change to a file that a newer mosaic has written. */
export function newerFile(file: string, version: number): AppError {
  return new AppError(`${file} is of version ${version}, and this mosaic knows ${configVersion}`, {
    exitCode: exitCodes.refused,
    hint: "it is read, for what is known of it; change it with the mosaic that wrote it",
  });
}

function tellNewer(ctx: Context, { fileVersion = 0 }: LoadedSettings): void {
  if (fileVersion <= configVersion) return;
  ctx.io.err(
    `${newerFile(configFile(ctx.paths), fileVersion).message}: only known keys are read\n`,
  );
}

function storedOf({ resolved }: LoadedSettings): ResolvedSetting[] {
  return resolved.filter(({ key }) => settings[key].kind === "setting");
}

function asTable({ io }: Context, rows: readonly ResolvedSetting[], origin: boolean): string {
  const more = origin ? ["SOURCE", "OVERRIDES", "RESTART"] : [];
  return formatTable({
    headers: ["SETTING", "VALUE", ...more],
    rows: rows.map((row) => [
      row.key,
      row.shown ?? (row.origin === undefined ? "(not set)" : "(not valid)"),
      ...(origin
        ? [
            showOrigin(row.origin),
            row.overrides.map(showOrigin).join(", "),
            settings[row.key].restart,
          ]
        : []),
    ]),
    columns: io.stdoutIsTty ? io.columns : Infinity,
  });
}

function asJson(
  ctx: Context,
  rows: readonly ResolvedSetting[],
  { faults, fileVersion }: LoadedSettings,
): string {
  const told = {
    schemaVersion: 1,
    file: configFile(ctx.paths),
    fileVersion: fileVersion ?? null,
    ok: faults.length === 0,
    settings: rows.map(({ key, shown, origin, overrides }) => ({
      key,
      value: shown ?? null,
      isSecret: settings[key].isSecret,
      variable: settings[key].variable,
      origin: origin ?? null,
      source: showOrigin(origin),
      overrides: overrides.map(showOrigin),
      restart: settings[key].restart,
    })),
    faults,
  };
  return `${JSON.stringify(told, null, 2)}\n`;
}
