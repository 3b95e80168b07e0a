// Versions, checksums and the choice of what to do about a release. Pure.

/** `1.2.3` or `1.2.3-rc.1`; it becomes a part of paths, so nothing else is one. */
export const versionPattern = /^\d+\.\d+\.\d+(-[0-9A-Za-z]+(\.[0-9A-Za-z]+)*)?$/;

/** Name of an executable in a release, without the ending of its archive. */
export function releaseBinary(version: string, target: string): string {
  return `mosaic-${version}-${target}`;
}

/** SHA-256 by file name, from the text of SHA256SUMS (format of sha256sum). Lines that are none are left out. */
export function parseChecksums(text: string): ReadonlyMap<string, string> {
  const found = [...text.matchAll(/^([0-9a-f]{64}) {2}(\S+)$/gm)];
  return new Map(found.map(([, sha256 = "", name = ""]) => [name, sha256]));
}

export interface UpdateFacts {
  current: string;
  /** The newest version of the release folder, or the one that was asked for. */
  wanted: string;
  /** It was asked for by name: older than ours is then no reason to refuse. */
  isNamed: boolean;
}

export type UpdateChoice = "update" | "go-back" | "up-to-date" | "newer-than-latest";

/** What to do about a version. A server that offers an older one by itself is never followed. */
export function chooseUpdate({ current, wanted, isNamed }: UpdateFacts): UpdateChoice {
  const order = Bun.semver.order(wanted, current);
  if (order === 0) return "up-to-date";
  if (order > 0) return "update";
  return isNamed ? "go-back" : "newer-than-latest";
}

/** Versions to remove: all but the one in use and the one before it. */
export function staleVersions(installed: readonly string[], kept: readonly string[]): string[] {
  return installed.filter((version) => !kept.includes(version));
}
