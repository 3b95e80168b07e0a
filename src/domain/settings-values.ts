// What a setting may be: each reads the text of a variable, a flag, a file or a YAML scalar. Messages fit behind
// "expected". Pure.
import * as v from "valibot";
import { isCommonPassword } from "./password.ts";
import { isMask, secretOf } from "./secret.ts";

/** 1 to 65535, or 0 where any free port is meant. */
export const port = v.pipe(
  v.string(),
  v.trim(),
  v.check((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, "a port from 0 to 65535"),
  v.transform(Number),
);

/** One of these words. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return v.pipe(v.string(), v.trim(), v.picklist(words, words.join(" or ")));
}

/** Scheme, host and port, nothing behind them: what a browser sends as Origin (RFC 6454 section 7). */
export const webOrigin = v.pipe(
  v.string(),
  v.trim(),
  v.check(isOrigin, "an origin such as http://localhost:3000, without a path"),
);

/** Names or addresses, with or without a port, separated by commas; empty for none. */
export const hostList = v.pipe(
  v.string(),
  v.transform((text) => text.split(/[\s,]+/).filter((part) => part !== "")),
  v.check(
    (parts) => parts.every((part) => /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i.test(part)),
    "host names separated by commas",
  ),
);

const addressPattern = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]*)$/i;

/** IP addresses separated by commas; empty for none. */
export const addressList = v.pipe(
  v.string(),
  v.transform((text) => text.split(/[\s,]+/).filter((part) => part !== "")),
  v.check((parts) => parts.every((part) => addressPattern.test(part)), "IP addresses"),
);

/** A whole number. */
export function countAtLeast(least: number) {
  return v.pipe(
    v.string(),
    v.trim(),
    v.check((text) => /^\d{1,9}$/.test(text) && Number(text) >= least, `a number from ${least} on`),
    v.transform(Number),
  );
}

/** An address to listen on. */
export const bindAddress = v.pipe(
  v.string(),
  v.trim(),
  v.check(
    (text) => /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]*|localhost)$/i.test(text),
    "an IP address such as 127.0.0.1",
  ),
);

/** A URL of one of these schemes, which may hold a password. */
export function secretUrl(schemes: readonly string[], words: string) {
  return v.pipe(
    v.string(),
    v.trim(),
    // A URL is read without the line ends in it (url.spec.whatwg.org), and so two lines would pass for one.
    v.check((text) => /^\P{Cc}+$/u.test(text), `${words}, on one line`),
    v.check((text) => schemes.includes(urlOf(text)?.protocol ?? ""), words),
    v.check((text) => !isMask(urlOf(text)?.password ?? ""), `${words}, with its real password`),
    v.transform(secretOf),
  );
}

/** Any secret of one line that is no mask and no placeholder. */
export const secretWord = v.pipe(
  v.string(),
  v.trim(),
  v.check((text) => /^\P{Cc}+$/u.test(text), "one line of text"),
  v.check((text) => !isMask(text) && !isPlaceholder(text), "a real value, not a placeholder"),
  v.transform(secretOf),
);

/** As the document wants it: at least 8 characters (code points); more than 1,024 bytes only cost time to hash. */
export const password = v.pipe(
  v.string(),
  v.check((text) => Array.from(text).length >= 8, "at least 8 characters"),
  v.check((text) => new TextEncoder().encode(text).length <= 1024, "at most 1,024 bytes"),
  v.check((text) => !isMask(text), "a password, not a mask"),
  v.check((text) => !isCommonPassword(text), "a password that is not among those tried first"),
  v.transform(secretOf),
);

export const personName = v.pipe(
  v.string(),
  v.trim(),
  v.check((text) => /^\P{Cc}{1,100}$/u.test(text), "a name of at most 100 characters"),
);

/** As the HTML standard checks an input of type email, which is less than RFC 5322 and what people have. */
export const email = v.pipe(
  v.string(),
  v.trim(),
  v.check(
    (text) => text.length <= 254 && /^[^\s@"<>\p{Cc}]+@[a-z0-9-]+(\.[a-z0-9-]+)*$/iu.test(text),
    "an e-mail address",
  ),
);

function isOrigin(text: string): boolean {
  const url = urlOf(text);
  return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === text.toLowerCase();
}

function urlOf(text: string): URL | undefined {
  return URL.parse(text) ?? undefined;
}

/** What sample files hold and people forget to replace. */
function isPlaceholder(text: string): boolean {
  return /^(undefined|null|none|change-?me|your[-_ ].*|todo|example)$/i.test(text);
}
