// `mosaic config set|unset`: one value, checked before anything is written. A secret goes into a file of its own.
import type { Context } from "../context.ts";
import { diffLines, setInConfig, unsetInConfig } from "../domain/config-edit.ts";
import { readConfigFile } from "../domain/config-file.ts";
import { configVersion } from "../domain/config-schema.ts";
import { configFile } from "../domain/names.ts";
import { secretFile, settings, type SettingKey } from "../domain/settings.ts";
import { readSetting, showOrigin } from "../domain/settings-resolve.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { loadSettings, settingsError } from "./load.ts";
import { configFolders, mustOwn } from "./own-folders.ts";
import { knownKey, newerFile } from "./show.ts";
import { readUtf8 } from "./utf8-text.ts";

export interface SetOptions {
  name: string;
  /** Never for a secret: everybody on the host can read a command line. */
  value: string | undefined;
  dryRun: boolean;
}

/**
 * Exit 0. Throws AppError: exit 2 for a value that is not valid or a file with faults, exit 4 for a file of a newer mosaic;
 * nothing is written then.
 */
export async function setConfig(
  ctx: Context,
  { name, value, dryRun }: SetOptions,
): Promise<number> {
  const key = knownKey(name);
  const { isSecret } = settings[key];
  if (isSecret && value !== undefined) {
    throw usageError(
      `${key} is a secret, and everybody on this host can read a command line`,
      `mosaic config set ${key} < FILE`,
    );
  }
  const text = value ?? (await valueFromStdin(ctx, key));
  const read = readSetting(key, text);
  if ("expected" in read) throw usageError(`${key}: expected ${read.expected}`);
  const isChanged = isSecret
    ? await writeSecret(ctx, { key, text, dryRun })
    : await changeFile(ctx, { dryRun, edit: (before) => setInConfig(before, key, text) });
  if (isChanged) await tellEffect(ctx, key);
  return exitCodes.ok;
}

/** Exit 0, also when it was not set. Throws AppError as setConfig does. */
export async function unsetConfig(
  ctx: Context,
  { name, dryRun }: Omit<SetOptions, "value">,
): Promise<number> {
  const key = knownKey(name);
  const isChanged = settings[key].isSecret
    ? await removeSecret(ctx, { key, dryRun })
    : await changeFile(ctx, {
        dryRun,
        edit: (before) => (before === undefined ? before : unsetInConfig(before, key)),
      });
  if (isChanged) await tellEffect(ctx, key);
  return exitCodes.ok;
}

async function valueFromStdin({ io }: Context, key: SettingKey): Promise<string> {
  if (!settings[key].isSecret) {
    throw usageError(`config set ${key} needs a value`, `mosaic config set ${key} VALUE`);
  }
  if (io.stdinIsTty) {
    throw usageError(`${key} is read from standard input`, `mosaic config set ${key} < FILE`);
  }
  return (await io.readStdin()).replace(/\r?\n$/, "");
}

interface SecretChange {
  key: SettingKey;
  text: string;
  dryRun: boolean;
}

/** Each of these: whether anything was changed. */
async function writeSecret(ctx: Context, { key, text, dryRun }: SecretChange): Promise<boolean> {
  const file = secretFile(ctx.paths, key);
  await mustNotBeNewer(ctx);
  if (dryRun) {
    ctx.io.out(`+ ${file} (0600)\n`);
    return false;
  }
  await mustOwn(ctx, configFolders(ctx));
  await ctx.files.write(file, `${text}\n`, 0o600);
  ctx.io.err(`wrote ${file}\n`);
  return true;
}

async function removeSecret(
  ctx: Context,
  { key, dryRun }: Omit<SecretChange, "text">,
): Promise<boolean> {
  const file = secretFile(ctx.paths, key);
  await mustNotBeNewer(ctx);
  if ((await ctx.files.stat(file)) === undefined) {
    ctx.io.err("nothing to change\n");
    return false;
  }
  if (dryRun) {
    ctx.io.out(`- ${file}\n`);
    return false;
  }
  await ctx.files.remove(file);
  ctx.io.err(`removed ${file}\n`);
  return true;
}

/** Where a newer mosaic keeps its secrets is not known. */
async function mustNotBeNewer(ctx: Context): Promise<void> {
  const file = configFile(ctx.paths);
  const text = await ctx.files.readText(file);
  const version = text === undefined ? configVersion : readConfigFile(text).version;
  if (version > configVersion) throw newerFile(file, version);
}

interface FileChange {
  edit: (before: string | undefined) => string | undefined;
  dryRun: boolean;
}

async function changeFile(ctx: Context, { edit, dryRun }: FileChange): Promise<boolean> {
  const file = configFile(ctx.paths);
  // Not for a look: that leaves nothing behind.
  using _ = dryRun ? undefined : await lockConfig(ctx);
  const before = await readUtf8(ctx, file);
  const version = checkedVersion(before, file);
  const after = edit(before);
  if (after === undefined || after === before) {
    ctx.io.err("nothing to change\n");
    return false;
  }
  checkedVersion(after, file);
  if (dryRun) {
    ctx.io.out(`${diffLines(before ?? "", after).join("\n")}\n`);
    return false;
  }
  const mode = (await ctx.files.stat(file))?.mode ?? 0o600;
  if (before !== undefined && version < configVersion) {
    const backup = `${file}.version-${version}.bak`;
    await ctx.files.write(backup, before, 0o600);
    ctx.io.err(`kept the old file: ${backup}\n`);
  }
  await ctx.files.write(file, after, before === undefined ? 0o600 : mode & 0o777);
  ctx.io.err(`wrote ${file}\n`);
  return true;
}

/** The version of a text that may be changed. */
function checkedVersion(text: string | undefined, file: string): number {
  if (text === undefined) return configVersion;
  const { version, faults } = readConfigFile(text);
  if (version > configVersion) throw newerFile(file, version);
  if (faults.length > 0) {
    throw settingsError(
      faults.map(({ line, column, message, hint }) => ({
        message: `${file}:${line}:${column}: ${message}`,
        hint,
      })),
    );
  }
  return version;
}

async function lockConfig(ctx: Context): Promise<Disposable> {
  const held = await ctx.files.tryLock(`${ctx.paths.state}/config.lock`);
  if (held !== undefined) return held;
  throw new AppError("another mosaic is changing the configuration", {
    exitCode: exitCodes.busy,
    hint: "try again",
  });
}

/** Whether the change counts: something stronger may say otherwise, more may be needed, and what runs has read the old value. */
async function tellEffect(ctx: Context, key: SettingKey): Promise<void> {
  const { resolved, faults } = await loadSettings(ctx);
  for (const { message } of faults) ctx.io.err(`  not yet valid: ${message}\n`);
  const origin = resolved.find((one) => one.key === key)?.origin;
  if (origin?.kind === "env" || origin?.kind === "env-file") {
    ctx.io.err(`  in this shell ${showOrigin(origin)} overrides it\n`);
  }
  if (settings[key].restart === "gateway") {
    ctx.io.err("  a gateway that runs takes it at its next start\n");
  }
}
