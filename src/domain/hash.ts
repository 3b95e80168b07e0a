// SHA-256 as hex, for "did anybody change this". Pure computation; Bun has it built in.

/** 64 lower-case hex digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(data).digest("hex");
}
