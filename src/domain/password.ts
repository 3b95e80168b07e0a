// What a password has to be. Pure. The document asks for 8 characters; what everybody tries first is refused too.
import { isMask } from "./secret.ts";

/** Unicode code points, as a person counts them. */
export const minPasswordLength = 8;

/** Whoever sends more wants the hash to take long. */
export const maxPasswordBytes = 1024;

/**
 * The commonest ones of at least 8 characters, as lists of leaked passwords have had them for years; with a digit or a sign
 * behind they are no better, so those are taken off before the look.
 */
const common = new Set(
  `password passw0rd p@ssword p@ssw0rd password1 qwertyui qwertyuiop qwerty12 qwerty123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx
  zaq12wsx q1w2e3r4 asdfghjk asdfghjkl zxcvbnm1 iloveyou sunshine princess football baseball superman
  batman12 trustno1 starwars whatever welcome1 welcome12 letmein1 letmein12 monkey12 dragon12 master12 shadow12
  michael1 jennifer jordan23 computer internet corvette mercedes maverick midnight changeme
  administrator administrator1 admin123 admin1234 adminadmin rootroot toor1234 secret12 secretsecret mosaic12 mosaicmosaic
  abcd1234 abc12345 abcdefgh aa123456 a1b2c3d4 test1234 testtest guest123 default1 google12 facebook
  liverpool chelsea1 arsenal1 barcelona pokemon1 nintendo minecraft hello123 hellohello loveyou1 charlie1 freedom1
  samsung1 qazwsxedc 11111111 00000000 12345678 123456789 1234567890 87654321 987654321 0987654321 11223344 12341234
  12344321 88888888 99999999 66666666 55555555 12121212 123123123 147258369 159753456 14789632`
    .split(/\s+/)
    .filter((word) => word !== ""),
);

/** Every fault of a password, none of which quotes it; empty when it will do. */
export function passwordFaults(password: string, { email }: { email: string }): string[] {
  const length = Array.from(password).length;
  if (length < minPasswordLength) {
    return [`expected at least ${minPasswordLength} characters, found ${length}`];
  }
  if (new TextEncoder().encode(password).length > maxPasswordBytes) {
    return [`expected at most ${maxPasswordBytes} bytes`];
  }
  const faults: string[] = [];
  if (isCommonPassword(password)) faults.push("expected one that is not among those tried first");
  if (isEmailOf(password, email)) faults.push("expected something else than the e-mail address");
  if (isMask(password) && faults.length === 0) faults.push("expected a password, not a mask");
  return faults;
}

/** Whether it is the address that its owner logs in with, or what stands before the @. */
export function isEmailOf(password: string, email: string): boolean {
  const plain = password.toLowerCase();
  const address = email.trim().toLowerCase();
  return plain === address || plain === address.split("@")[0];
}

/** Whether it is one of those that everybody tries first, or one character or two again and again. */
export function isCommonPassword(password: string): boolean {
  const plain = password.toLowerCase();
  const bare = plain.replace(/[\d!?.@#$*_-]+$/, "");
  if (common.has(plain) || (bare.length >= minPasswordLength && common.has(bare))) return true;
  return new Set(plain).size < 3;
}
