// Where releases come from: an address or a folder. Nothing that it returns has been believed unless its signature and
// its checksum were right.
import type { Context } from "../context.ts";
import { sha256Hex } from "../domain/hash.ts";
import { parseChecksums, releaseBinary, versionPattern } from "../domain/release.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";

/** One version of a release folder whose checksums are signed by a key that we believe. */
export interface SignedRelease {
  version: string;
  source: string;
  checksums: ReadonlyMap<string, string>;
}

/** The version that the folder calls its latest. Throws AppError when it cannot be read, or is no version. */
export async function latestVersion(ctx: Context, source: string): Promise<string> {
  const version = new TextDecoder().decode(await need(ctx, source, "latest")).trim();
  if (versionPattern.test(version)) return version;
  throw new AppError(`${source}/latest is no version: ${JSON.stringify(version.slice(0, 40))}`);
}

/** Fetches the checksums of a version and believes them. Throws AppError, exit 4, when the signature is not right. */
export async function openRelease(
  ctx: Context,
  source: string,
  version: string,
): Promise<SignedRelease> {
  if (!versionPattern.test(version)) {
    throw usageError(`not a version: ${JSON.stringify(version)}`, "mosaic update --version 0.1.0");
  }
  if (ctx.release.keys.length === 0) {
    throw new AppError("this build of mosaic believes no key, so it can check no release", {
      exitCode: exitCodes.refused,
      hint: "install a released one: curl -fsSL URL/install.sh | sh",
    });
  }
  const sums = await need(ctx, source, `${version}/SHA256SUMS`);
  const signature = await need(ctx, source, `${version}/SHA256SUMS.sig`);
  if (!(await isSigned(sums, signature, ctx.release.keys))) {
    throw new AppError(`the signature of ${source}/${version}/SHA256SUMS is wrong`, {
      exitCode: exitCodes.refused,
      hint: "nothing was changed; somebody else made this release, or changed it",
    });
  }
  return { version, source, checksums: parseChecksums(new TextDecoder().decode(sums)) };
}

/** The executable for this platform, checked twice: as it came, and as it is. Throws AppError (exit 4) when it is not. */
export async function fetchExecutable(ctx: Context, release: SignedRelease): Promise<Uint8Array> {
  const { source, version, checksums } = release;
  const name = releaseBinary(version, ctx.release.target);
  const archive = `${name}.zst`;
  const expected = checksums.get(archive);
  if (expected === undefined) {
    throw new AppError(`release ${version} has nothing for ${ctx.release.target}`);
  }
  const packed = await need(ctx, source, `${version}/${archive}`);
  check(archive, packed, expected);
  const bytes = new Uint8Array(Bun.zstdDecompressSync(packed));
  check(name, bytes, checksums.get(name) ?? "");
  return bytes;
}

function check(name: string, bytes: Uint8Array, expected: string): void {
  const actual = sha256Hex(bytes);
  if (actual === expected) return;
  throw new AppError(`${name} is not what the release says: SHA-256 ${actual}, not ${expected}`, {
    exitCode: exitCodes.refused,
    hint: "nothing was changed; the download was cut off or changed: try again",
  });
}

/** Ed25519 by any of the keys (RFC 8032). */
async function isSigned(
  data: Uint8Array,
  signature: Uint8Array,
  keys: readonly string[],
): Promise<boolean> {
  for (const key of keys) {
    const raw = Uint8Array.fromBase64(key);
    const imported = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    if (
      await crypto.subtle.verify(
        "Ed25519",
        imported,
        new Uint8Array(signature),
        new Uint8Array(data),
      )
    ) {
      return true;
    }
  }
  return false;
}

/** A file of the source, which has to be there. */
async function need(ctx: Context, source: string, path: string): Promise<Uint8Array> {
  const bytes = await read(ctx, `${source}/${path}`);
  if (bytes !== undefined) return bytes;
  throw new AppError(`there is no ${source}/${path}`, {
    hint: "mosaic update --from ADDRESS-OR-FOLDER",
  });
}

async function read(ctx: Context, place: string): Promise<Uint8Array | undefined> {
  if (!/^https?:\/\//.test(place)) {
    return await ctx.files.readBytes(place.replace(/^file:\/\//, ""));
  }
  const name = place.slice(place.lastIndexOf("/") + 1);
  return await ctx.download(place, {
    onProgress: (received, expected) =>
      ctx.io.progress(`${name}: ${megabytes(received)} of ${megabytes(expected)}`),
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
