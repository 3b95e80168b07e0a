// The text of a token: `mos_ID_SECRET`. Only its hash is stored. Pure, but for the randomness that it is given.
import { sha256Hex } from "../../domain/hash.ts";

const pattern = /^mos_([0-9a-f]{12})_([0-9a-f]{64})$/;

export interface TokenText {
  id: string;
  hash: string;
}

/** A new token: 256 bits; the text is shown once. */
export function newToken(randomHex: (digits: number) => string): TokenText & { text: string } {
  const id = randomHex(12);
  const text = `mos_${id}_${randomHex(64)}`;
  return { id, text, hash: sha256Hex(text) };
}

/** The id to look it up by, and the hash to compare; undefined for what is no token at all. */
export function readToken(text: string): TokenText | undefined {
  const id = pattern.exec(text)?.[1];
  return id === undefined ? undefined : { id, hash: sha256Hex(text) };
}

/** Compares two texts of equal length in a time that says nothing of where they differ. */
export function isSameHash(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let index = 0; index < one.length; index++) {
    difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  }
  return difference === 0;
}
