// The Ed25519 signature over SHA256SUMS: 64 raw bytes, as `openssl pkeyutl -verify -rawin` reads them. The key comes
// from a file or the environment and goes nowhere.
import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Signer {
  /** Raw public key, base64: what is baked into the executable. */
  publicKey: string;
  /** The same as PEM: what is baked into install.sh, for openssl. */
  publicPem: string;
  sign(data: Uint8Array): Uint8Array;
}

/**
 * The signer of this release: `--key FILE`, else MOSAIC_RELEASE_KEY_FILE, else the PEM text in MOSAIC_RELEASE_KEY.
 * Throws with the command that makes a key when there is none, or no Ed25519 one.
 */
export function openSigner(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Signer {
  const path = file ?? env["MOSAIC_RELEASE_KEY_FILE"];
  const pem = path === undefined ? env["MOSAIC_RELEASE_KEY"] : readFileSync(path, "utf8");
  if (pem === undefined || pem === "") {
    throw new Error(
      "no signing key: give --key FILE, MOSAIC_RELEASE_KEY_FILE or MOSAIC_RELEASE_KEY\n" +
        "  hint: openssl genpkey -algorithm ed25519 -out release-key.pem",
    );
  }
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== "ed25519") {
    throw new Error(`the signing key is ${key.asymmetricKeyType}, not ed25519`);
  }
  const publicKey = createPublicKey(key);
  return {
    publicKey: rawPublicKey(publicKey),
    publicPem: publicKey.export({ type: "spki", format: "pem" }),
    sign: (data) => new Uint8Array(sign(null, data, key)),
  };
}

/** `x` of the JSON Web Key is the raw key (RFC 8037). */
function rawPublicKey(key: KeyObject): string {
  const { x } = key.export({ format: "jwk" });
  return Buffer.from(x ?? "", "base64url").toString("base64");
}
