// The single values of a roster: each pattern with the words for what is expected. Pure.
import * as v from "valibot";
import { durationPattern } from "./duration.ts";
import { agentNamePattern } from "./names.ts";

// At least a megabyte: `memoryMax: 512`, which is 512 bytes to systemd, would kill the agent at birth.
// Units and percent as in systemd.resource-control(5), MemoryMax=.
const memoryPattern =
  /^(infinity|[1-9][0-9]{6,14}|[1-9][0-9]{3,11}K|[1-9][0-9]{0,8}(\.[0-9]{1,3})?[MGT]|([1-9][0-9]?|100)%)$/;
const memoryWords =
  "a size such as 512M or 2G (at least 1M), a percentage such as 50%, or infinity";

export const agentName = matching(
  agentNamePattern,
  "a name of lower-case letters, digits and hyphens that starts with a letter, at most 40 characters",
);

export const socketName = v.pipe(
  matching(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    "a tmux socket name of letters, digits, - and _, at most 64 characters",
  ),
  v.notValue("default", "a socket of our own, not the one of your own tmux"),
);

/** 10 to 999 columns, 5 to 999 rows; tmux itself stops at 10,000. */
export const windowSize = matching(
  /^[1-9][0-9]{1,2}x([5-9]|[1-9][0-9]{1,2})$/,
  "columns x rows, such as 200x50",
);

export const duration = matching(durationPattern, "a duration such as 500ms, 30s, 15m or 1h");

/** A variable's name, as POSIX shells and systemd take it. */
export const variableName = matching(
  /^(?!MOSAIC_|mosaic_)[A-Za-z_][A-Za-z0-9_]*$/,
  "a variable's name of letters, digits and _ that starts with no digit and not with MOSAIC_",
);

export const cpuQuota = matching(/^[1-9][0-9]{0,5}%$/, "a percentage such as 150%");

/** Bytes as a number, or a size with its unit. */
export const memory = v.union(
  [
    matching(memoryPattern, memoryWords),
    v.pipe(
      v.number(memoryWords),
      v.integer(memoryWords),
      v.minValue(1_048_576, memoryWords),
      v.maxValue(999_999_999_999_999, memoryWords),
    ),
  ],
  memoryWords,
);

/** No line break and no other control character: the path stands in lines of generated files. */
export const path = v.pipe(
  matching(/^(~|~\/.*|\/.*)$/, "a path that starts with / or ~/"),
  v.check((text) => isPlain(text) && !/\p{Cc}/u.test(text), "a path without control characters"),
);

/** One word of an argv or environment. Numbers and booleans are taken as the text that stands in the file. */
export const word = v.union(
  [
    v.pipe(v.string("text"), v.check(isPlain, "text without a NUL character")),
    v.number(),
    v.boolean(),
  ],
  "text",
);

/** From 1 to max. */
export function wholeNumber(max: number) {
  const words = `a whole number from 1 to ${max}`;
  return v.pipe(v.number(words), v.integer(words), v.minValue(1, words), v.maxValue(max, words));
}

function matching(pattern: RegExp, words: string) {
  return v.pipe(v.string(words), v.regex(pattern, words));
}

/** What argv and environ can hold: no NUL, and nothing that UTF-8 cannot say (half a surrogate pair). */
function isPlain(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
