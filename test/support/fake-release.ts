// Release folders. Most have executables that are small shell scripts: what an installer and an updater do with it is the same,
// and a test need not move a hundred megabytes.
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { writeArchives } from "../../release/archives.ts";
import { sealRelease } from "../../release/seal.ts";
import { openSigner, type Signer } from "../../release/signing.ts";
import { binaryName, targets } from "../../release/targets.ts";

/** A key that nothing outside of the tests believes. */
export function testSigner(): Signer {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  return openSigner(undefined, { MOSAIC_RELEASE_KEY: pem });
}

export interface FakeRelease {
  version: string;
  signer: Signer;
  /** The executable of every platform; default: one that says its version. */
  script?: string;
}

/** Adds a version to a release folder; the newest added is the latest. */
export function addRelease(folder: string, { version, signer, script }: FakeRelease): void {
  const own = `${folder}/${version}`;
  mkdirSync(own, { recursive: true });
  for (const target of targets) {
    const file = `${own}/${binaryName(version, target)}`;
    writeFileSync(file, script ?? sayVersion(version), { mode: 0o755 });
    writeArchives(file);
  }
  seal(folder, { version, signer });
}

/** Adds a version with a real executable, for this host alone; it is moved there. */
export function addRealRelease(
  folder: string,
  { version, signer, executable }: { version: string; signer: Signer; executable: string },
): void {
  mkdirSync(`${folder}/${version}`, { recursive: true });
  const host = `${process.platform}-${process.arch}`;
  const file = `${folder}/${version}/${binaryName(version, { name: host })}`;
  renameSync(executable, file);
  writeArchives(file, { isQuick: true });
  seal(folder, { version, signer });
}

function seal(folder: string, { version, signer }: { version: string; signer: Signer }): void {
  const own = `${folder}/${version}`;
  writeFileSync(`${own}/manifest.json`, `${JSON.stringify({ schemaVersion: 1, version })}\n`);
  sealRelease(folder, { version, signer, baseUrl: "" });
}

/** Answers `--version`, and succeeds at everything else. */
function sayVersion(version: string): string {
  return `#!/bin/sh\n[ "\${1-}" != --version ] || echo "mosaic ${version} (test)"\n`;
}
