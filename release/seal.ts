// The last step of a release: what holds its files together. After it nothing in the folder may change.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { artifactOf } from "./archives.ts";
import { installScript } from "./install-script.ts";
import type { Signer } from "./signing.ts";

export interface SealOptions {
  version: string;
  signer: Signer;
  /** Where the folder will be served. */
  baseUrl: string;
}

/**
 * Adds install.sh, checksums and their signature to FOLDER/VERSION, and makes it the one that FOLDER/latest names. The
 * checksums are in the format of sha256sum, which checks them: `sha256sum -c SHA256SUMS`.
 */
export function sealRelease(folder: string, { version, signer, baseUrl }: SealOptions): void {
  const own = `${folder}/${version}`;
  const template = readFileSync(`${dirname(import.meta.dir)}/install.sh`, "utf8");
  const script = installScript(template, { baseUrl, publicPem: signer.publicPem });
  for (const place of [own, folder]) writeFileSync(`${place}/install.sh`, script, { mode: 0o755 });
  writeFileSync(`${own}/release-key.pem`, signer.publicPem);
  const files = readdirSync(own).filter((name) => !name.startsWith("SHA256SUMS"));
  const sums = files.toSorted().map((name) => `${artifactOf(`${own}/${name}`).sha256}  ${name}\n`);
  writeFileSync(`${own}/SHA256SUMS`, sums.join(""));
  const signature = signer.sign(new TextEncoder().encode(sums.join("")));
  writeFileSync(`${own}/SHA256SUMS.sig`, signature);
  writeFileSync(`${folder}/latest`, `${version}\n`);
}
