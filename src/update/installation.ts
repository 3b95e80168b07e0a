// The installation that this program is of: what install.sh made, or who else put it here. Looks, and changes nothing.
import { literal, object, optional, safeParse, string, array } from "valibot";
import type { Context } from "../context.ts";
import { type Owner, ownerOf } from "../domain/owner.ts";
import { versionPattern } from "../domain/release.ts";
import { AppError, exitCodes } from "../errors.ts";

/** What install.sh left behind about itself. */
export interface Receipt {
  baseUrl: string;
  /** The link on the PATH; absolute. */
  link: string;
  /** Start-up files of shells that have a line of ours. */
  pathFiles: readonly string[];
}

/** The folders and links of an installation; all paths absolute. */
export interface Installation {
  /** Holds all below. */
  root: string;
  receipt: Receipt;
  /** The link to the version in use, the only thing that an update has to change. */
  link: string;
  /** The link to the version before it; may lead nowhere. */
  previous: string;
}

const receiptSchema = object({
  schemaVersion: literal(1),
  baseUrl: string(),
  link: string(),
  pathFiles: optional(array(string()), []),
});

/** undefined when install.sh did not make it. Throws AppError (exit 1) for a receipt that cannot be read. */
export async function findInstallation(ctx: Context): Promise<Installation | undefined> {
  const root = ctx.paths.executable.replace(/\/[^/]*$/, "");
  const file = `${root}/receipt.json`;
  const text = await ctx.files.readText(file);
  if (text === undefined || (await ctx.files.readLink(`${root}/mosaic`)) === undefined) {
    return undefined;
  }
  const parsed = safeParse(receiptSchema, jsonOf(text));
  if (!parsed.success) {
    throw new AppError(`${file} is not what install.sh writes`, {
      hint: "run install.sh once more; it keeps the roster and the configuration",
    });
  }
  const previous = `${root}/previous`;
  return { root, receipt: parsed.output, link: `${root}/mosaic`, previous };
}

/** The installation. Throws AppError, exit 4, with the owner's command when it is not ours to change. */
export async function requireInstallation(ctx: Context): Promise<Installation> {
  const found = await findInstallation(ctx);
  if (found !== undefined) return found;
  const owner = await findOwner(ctx);
  if (owner.kind === "ours") throw new Error("an installation without itself");
  throw new AppError(`this mosaic belongs to ${owner.name}, and nothing was changed`, {
    exitCode: exitCodes.refused,
    hint: owner.command,
  });
}

/** Who put the running executable here. */
export async function findOwner(ctx: Context): Promise<Owner> {
  const path = ctx.paths.executable;
  const hasReceipt = (await findInstallation(ctx)) !== undefined;
  const marks = await Promise.all(
    ["/.dockerenv", "/run/.containerenv"].map((file) => ctx.files.stat(file)),
  );
  return ownerOf({
    path,
    hasReceipt,
    package: hasReceipt ? undefined : await packageOf(ctx, path),
    isContainer: marks.some((mark) => mark !== undefined),
  });
}

async function packageOf(ctx: Context, path: string) {
  // Nothing of a distribution lies elsewhere, and a database of packages is slow to ask.
  if (!path.startsWith("/usr/") || path.startsWith("/usr/local/")) return undefined;
  const dpkg = await ctx.exec(["dpkg-query", "--search", path]);
  const debian = /^([a-z0-9][a-z0-9.+-]*)(:\S+)?: /.exec(dpkg.stdout)?.[1];
  if (dpkg.exitCode === 0 && debian !== undefined)
    return { manager: "dpkg" as const, name: debian };
  const rpm = await ctx.exec(["rpm", "-qf", "--queryformat", "%{NAME}", path]);
  return rpm.exitCode === 0 && rpm.stdout !== ""
    ? { manager: "rpm" as const, name: rpm.stdout }
    : undefined;
}

/** The version that a link leads to; undefined for a link that leads elsewhere. */
export async function linkedVersion(ctx: Context, link: string): Promise<string | undefined> {
  const target = await ctx.files.readLink(link);
  const version = /^versions\/([^/]+)\/mosaic$/.exec(target ?? "")?.[1];
  return version !== undefined && versionPattern.test(version) ? version : undefined;
}

/** Where an executable of this version lies. */
export function versionFile({ root }: Installation, version: string): string {
  return `${root}/versions/${version}/mosaic`;
}

/** Makes this the version in use. */
export async function useVersion(
  ctx: Context,
  { link }: Installation,
  version: string,
): Promise<void> {
  await ctx.files.writeLink(link, `versions/${version}/mosaic`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema says what it should have been.
    return undefined;
  }
}
