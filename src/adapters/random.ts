// Randomness from the kernel's cryptographic source.

/** This many hex digits. */
export function randomHex(digits: number): string {
  return crypto
    .getRandomValues(new Uint8Array(Math.ceil(digits / 2)))
    .toHex()
    .slice(0, digits);
}
