// Compressed copies of an executable, and the facts about a file that stand in the manifest.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";

export interface Artifact {
  /** Name in the release's folder. */
  file: string;
  sizeBytes: number;
  sha256: string;
}

/** zstd -19 saves 3 MB of 46 and takes ten times as long (112 MB of executable, two cores: 4 s and 60 s). */
const zstdLevel = 12;

/**
 * Writes FILE.gz, which every host can unpack, and FILE.zst, which is 7 MB smaller: install.sh takes it where there is
 * a zstd, and `mosaic update` always. Neither holds a time or a name, so that the same bytes give the same archive.
 * `isQuick`: of a trial, which nobody downloads.
 */
export function writeArchives(file: string, { isQuick = false } = {}): Artifact[] {
  const bytes = readFileSync(file);
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: isQuick ? 1 : 6 }));
  writeFileSync(`${file}.zst`, Bun.zstdCompressSync(bytes, { level: isQuick ? 1 : zstdLevel }));
  return [`${file}.gz`, `${file}.zst`].map(artifactOf);
}

/** Reads the whole file. */
export function artifactOf(path: string): Artifact {
  const bytes = readFileSync(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { file: basename(path), sizeBytes: bytes.length, sha256 };
}

/**
 * The newest version of glibc whose symbols a Linux executable asks for, such as `2.17`; undefined when it asks for
 * none. Read from its version names (`.gnu.version_r`, ELF gABI), which stand NUL-ended among its strings.
 */
export function minimumGlibc(elf: Uint8Array): string | undefined {
  const found = Buffer.from(elf.buffer, elf.byteOffset, elf.length)
    .toString("latin1")
    .matchAll(/\0GLIBC_(\d+)\.(\d+)(?:\.\d+)?(?=\0)/g);
  const versions = [...found].map(([, major = "", minor = ""]) => [+major, +minor] as const);
  const newest = versions.toSorted((a, b) => b[0] - a[0] || b[1] - a[1])[0];
  return newest?.join(".");
}
