// Makes the first roster of a site from one of the example profiles shipped in this program.
import type { Context } from "../context.ts";
import { rosterFile } from "../domain/names.ts";
import { suggest } from "../domain/suggest.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { keepBackup } from "./backup.ts";
import { type ExtractReport, extractFramework } from "./framework.ts";

export interface InitFleetOptions {
  /** Name of a file in framework/fleet/examples, without .yaml. */
  profile: string;
  /** Without it the roster is printed, and nothing is changed. */
  write: boolean;
  /** Replaces what is there and differs, the roster and edited framework files, each after a backup. */
  force: boolean;
}

/**
 * Exit code 0 when the roster was printed, written, or is there already with the same text. Throws AppError: exit 2
 * for an unknown profile, exit 4 when another roster is there; nothing has been written then.
 */
export async function initFleet(ctx: Context, options: InitFleetOptions): Promise<number> {
  const wanted = await readProfile(ctx, options.profile);
  const file = rosterFile(ctx.paths);
  const present = await ctx.files.readText(file);
  if (!options.write) return preview(ctx, { wanted, present, profile: options.profile });
  if (present !== undefined && present !== wanted && !options.force) {
    throw new AppError(
      `a roster is there already and differs from the profile ${options.profile}: ${file}`,
      {
        exitCode: exitCodes.refused,
        hint: `to replace it and keep a backup: mosaic fleet init --profile ${options.profile} --write --force`,
      },
    );
  }
  tellExtraction(ctx, await extractFramework(ctx, { force: options.force }));
  if (present === wanted) {
    ctx.io.err(`the roster is there already: ${file}\n`);
  } else {
    if (present !== undefined) ctx.io.err(`kept the old roster: ${await keepBackup(ctx, file)}\n`);
    await ctx.files.write(file, wanted, 0o600);
    ctx.io.err(`wrote ${file} (profile ${options.profile})\n`);
  }
  tellNextSteps(ctx);
  return exitCodes.ok;
}

/** Names of the profiles, in alphabetical order. */
export async function listProfiles(ctx: Context): Promise<string[]> {
  const names = (await ctx.assets.list()).map(
    (path) => /^fleet\/examples\/([^/]+)\.yaml$/.exec(path)?.[1],
  );
  return names.filter((name) => name !== undefined).toSorted();
}

async function readProfile(ctx: Context, profile: string): Promise<string> {
  const profiles = await listProfiles(ctx);
  if (profiles.includes(profile)) {
    return new TextDecoder().decode(await ctx.assets.read(`fleet/examples/${profile}.yaml`));
  }
  const near = suggest(profile, profiles);
  throw usageError(
    `there is no profile ${JSON.stringify(profile)}; profiles: ${profiles.join(", ")}`,
    near === undefined ? undefined : `did you mean ${near}?`,
  );
}

interface Preview {
  wanted: string;
  present: string | undefined;
  profile: string;
}

function preview(ctx: Context, { wanted, present, profile }: Preview): number {
  ctx.io.out(wanted);
  const file = rosterFile(ctx.paths);
  const again = `mosaic fleet init --profile ${profile} --write`;
  if (present === undefined)
    ctx.io.err(`nothing was written; to write it to ${file}:\n  ${again}\n`);
  else if (present === wanted) ctx.io.err(`the roster is there already: ${file}\n`);
  else
    ctx.io.err(
      `nothing was written; another roster is there: ${file}\n  ${again} --force   # keeps a backup\n`,
    );
  return exitCodes.ok;
}

function tellExtraction(ctx: Context, report: ExtractReport): void {
  const { config } = ctx.paths;
  const count = report.written.length + report.replaced.length;
  if (count > 0)
    ctx.io.err(`wrote the tools: ${count} ${count === 1 ? "file" : "files"} below ${config}\n`);
  for (const { backup } of report.replaced) ctx.io.err(`kept your edited file: ${backup}\n`);
  for (const path of report.kept) {
    ctx.io.err(`kept your edited file: ${config}/${path} (--force replaces it, with a backup)\n`);
  }
}

function tellNextSteps(ctx: Context): void {
  ctx.io.err(
    [
      "next:",
      "  mosaic fleet install-systemd   # leave it out where there is no systemd user manager",
      "  mosaic fleet start",
      "  mosaic fleet verify",
      "",
    ].join("\n"),
  );
}
