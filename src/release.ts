// What `npm run release` bakes into an executable besides its code; a build of one's own has neither.

declare const MOSAIC_RELEASE_KEYS: string | undefined;
declare const MOSAIC_TARGET: string | undefined;

/** Ed25519 public keys, raw, base64, whose signature this program believes. Empty: it updates to nothing. */
export const releaseKeys: readonly string[] =
  typeof MOSAIC_RELEASE_KEYS === "string"
    ? MOSAIC_RELEASE_KEYS.split(" ").filter((key) => key !== "")
    : [];

/** The platform that this executable was built for, as in the names of a release: `linux-x64-musl`. */
export const target: string =
  typeof MOSAIC_TARGET === "string" ? MOSAIC_TARGET : `${process.platform}-${process.arch}`;
