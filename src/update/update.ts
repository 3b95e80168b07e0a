// `mosaic update`: fetch, believe, try, switch, settle, prove; and back again when anything after the switch fails. The
// switch is one rename of a link, so at every moment the old version runs or the new one.
import type { Context } from "../context.ts";
import { chooseUpdate } from "../domain/release.ts";
import { compareManifests, type ManifestRow } from "../domain/manifest.ts";
import { AppError, exitCodes } from "../errors.ts";
import {
  findOwner,
  type Installation,
  linkedVersion,
  requireInstallation,
  versionFile,
} from "./installation.ts";
import { type LivingAgent, livingAgentPids, samePids } from "./living.ts";
import { takeManifest } from "./manifest.ts";
import { mustOutlive } from "./outlive.ts";
import { smokeRun } from "./smoke.ts";
import { removeLeftWork, removeStale } from "./clean.ts";
import { fetchExecutable, latestVersion, openRelease } from "./source.ts";
import { finishInterrupted, settleAs, switchTo, takeBack } from "./switch.ts";
import { toleratedInOld, tryOld } from "./try-old.ts";
import { tellCheck, tellUpdate } from "./tell.ts";

export interface UpdateOptions {
  /** Only say what there is. */
  check: boolean;
  /** This one, also an older one; undefined: the latest. */
  version: string | undefined;
  /** Back to the version before the one in use. */
  rollback: boolean;
  /** Address or folder of releases; undefined: where install.sh got it. */
  from: string | undefined;
  json: boolean;
}

/** What an update did, for people and for `--json`. */
export interface UpdateReport {
  result: "updated" | "up-to-date" | "newer-than-latest";
  from: string;
  to: string;
  manifest: readonly ManifestRow[];
  agents: readonly { name: string; before: number; after: number | undefined }[];
}

/**
 * Exit code 0 also when there was nothing to do; 3 when an agent did not live through it. Throws AppError: 1 when the
 * new version does not work (the old one is in use then), 4 when it must not be believed or is not ours to replace, 75
 * when another update runs.
 */
export async function update(ctx: Context, options: UpdateOptions): Promise<number> {
  if (options.check) return await check(ctx, options);
  const installation = await requireInstallation(ctx);
  await mustOutlive(ctx);
  using lock = await ctx.files.tryLock(`${installation.root}/update.lock`);
  if (lock === undefined) {
    throw new AppError("another update runs", {
      exitCode: exitCodes.busy,
      hint: "mosaic --version tells when it is done",
    });
  }
  await removeLeftWork(ctx, installation);
  await finishInterrupted(ctx, installation);
  const current = await versionInUse(ctx, installation);
  const wanted = await wantedVersion(ctx, { installation, options });
  const isNamed = options.rollback || options.version !== undefined;
  const choice = chooseUpdate({ current, wanted, isNamed });
  if (choice === "up-to-date" || choice === "newer-than-latest") {
    const report = { result: choice, from: current, to: wanted, manifest: [], agents: [] };
    return tellUpdate(ctx, report, options);
  }
  const move = { installation, from: current, to: wanted };
  if (options.rollback) {
    await tryOld(ctx, move);
    return await commit(ctx, move, options);
  }
  await stage(ctx, {
    installation,
    version: wanted,
    current,
    source: sourceOf(installation, options),
    tolerated: choice === "go-back" ? await toleratedInOld(ctx) : [],
  });
  return await commit(ctx, move, options);
}

async function check(ctx: Context, options: UpdateOptions): Promise<number> {
  const owner = await findOwner(ctx);
  if (owner.kind !== "ours") return tellCheck(ctx, { owner, current: ctx.host.version }, options);
  const installation = await requireInstallation(ctx);
  const current = await versionInUse(ctx, installation);
  const source = sourceOf(installation, options);
  const latest = options.version ?? (await latestVersion(ctx, source));
  const release = await openRelease(ctx, source, latest);
  const choice = chooseUpdate({ current, wanted: latest, isNamed: options.version !== undefined });
  return tellCheck(ctx, { owner, current, latest: release.version, choice }, options);
}

function sourceOf({ receipt }: Installation, { from }: UpdateOptions): string {
  return (from ?? receipt.baseUrl).replace(/\/+$/, "");
}

async function wantedVersion(
  ctx: Context,
  { installation, options }: { installation: Installation; options: UpdateOptions },
): Promise<string> {
  if (!options.rollback) {
    return options.version ?? (await latestVersion(ctx, sourceOf(installation, options)));
  }
  const version = await linkedVersion(ctx, installation.previous);
  if (version !== undefined && (await isInstalled(ctx, installation, version))) return version;
  throw new AppError("there is no version before this one to go back to", {
    exitCode: exitCodes.refused,
    hint: "mosaic update --version X.Y.Z fetches one",
  });
}

async function versionInUse(ctx: Context, installation: Installation): Promise<string> {
  const version = await linkedVersion(ctx, installation.link);
  if (version !== undefined) return version;
  throw new AppError(`${installation.link} leads to no version`, {
    hint: "run install.sh once more; it keeps the roster and the configuration",
  });
}

async function isInstalled(ctx: Context, installation: Installation, version: string) {
  return await ctx.files.isExecutable(versionFile(installation, version));
}

interface Stage {
  installation: Installation;
  version: string;
  current: string;
  source: string;
  tolerated: readonly string[];
}

/** Puts a version beside the others, tried; afterwards nothing leads to it yet. */
async function stage(ctx: Context, work: Stage): Promise<void> {
  const { installation, version, current, source, tolerated } = work;
  const release = await openRelease(ctx, source, version);
  const candidate = versionFile(installation, version);
  const folder = `${installation.root}/.update-${ctx.randomHex(8)}`;
  const previous = await linkedVersion(ctx, installation.previous);
  ctx.io.progress(`fetching ${version} …`);
  const bytes = await fetchExecutable(ctx, release);
  try {
    await ctx.files.write(candidate, bytes, 0o755);
    ctx.io.progress(`trying ${version} …`);
    await ctx.files.makeDir(folder, 0o700);
    const executable = versionFile(installation, current);
    await smokeRun(ctx, { version, candidate, current: executable, work: folder, tolerated });
  } catch (error) {
    if (version !== previous) await ctx.files.remove(candidate.replace(/\/mosaic$/, ""));
    throw error;
  } finally {
    await ctx.files.remove(folder);
    ctx.io.progress("");
  }
}

interface Move {
  installation: Installation;
  from: string;
  to: string;
}

/** Switches, settles, and goes back when that fails. */
async function commit(ctx: Context, move: Move, options: UpdateOptions): Promise<number> {
  const { installation, from, to } = move;
  const before = await takeManifest(ctx);
  const agents = await livingAgentPids(ctx);
  await switchTo(ctx, move);
  const fault = await settleAs(ctx, installation, to);
  if (fault !== undefined) await goBack(ctx, move, fault);
  const lived: LivingAgent[] = await livingAgentPids(ctx);
  const manifest = compareManifests(before, await takeManifest(ctx, before));
  await removeStale(ctx, installation, [from, to]);
  await ctx.files.remove(`${installation.root}/update.json`);
  const report: UpdateReport = {
    result: "updated",
    from,
    to,
    manifest,
    agents: samePids(agents, lived),
  };
  return tellUpdate(ctx, report, options);
}

/** Always throws: exit 1 and why, and in which version that ended. */
async function goBack(ctx: Context, { installation, from, to }: Move, why: string): Promise<never> {
  const fault = await takeBack(ctx, installation);
  throw new AppError(
    `mosaic ${to} did not come up, and ${from} is in use again: ${why}${fault === undefined ? "" : `; ${from}: ${fault}`}`,
    { hint: "mosaic doctor" },
  );
}
