// Bytes that have to be text. Pure.

/** The text, a byte order mark included; else where the first byte is that belongs to no UTF-8 character, counted from 0. */
export function decodeUtf8(bytes: Uint8Array): { text: string } | { invalidAt: number } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    // What was replaced differs from then on; a U+FFFD that was there does not.
    const replaced = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const again = new TextEncoder().encode(replaced);
    return { invalidAt: bytes.findIndex((byte, index) => byte !== again[index]) };
  }
}
