// What is new on a screen that is looked at again and again. Full-screen programs redraw in place, so "new" cannot
// mean "further down": a line is told once it has stood still for a while, and spinners and clocks never do. Pure.

/** One line of the last look. */
export interface FollowedLine {
  text: string;
  /** How many looks in a row have found it unchanged. */
  stableLooks: number;
  isTold: boolean;
}

/** A line this stable has settled. At four looks a second a clock that ticks every second never gets there. */
export const settledAfterLooks = 5;

/** The first look: all of it counts as told. */
export function startFollowing(lines: readonly string[]): FollowedLine[] {
  return lines.map((text) => ({ text, stableLooks: 0, isTold: true }));
}

/** The next look: what to tell now, in order, and the state for the look after it. */
export function follow(
  before: readonly FollowedLine[],
  lines: readonly string[],
): { followed: FollowedLine[]; fresh: string[] } {
  // A redraw caught half-way: wait for the other half.
  if (lines.every((line) => line.trim() === "")) return { followed: [...before], fresh: [] };
  const origins = matchLines(
    before.map(({ text }) => text),
    lines,
  );
  const scrolledOff = (origins[0] ?? 0) > 0 ? before.slice(0, origins[0]) : [];
  const fresh = scrolledOff.filter(({ isTold }) => !isTold).map(({ text }) => text);
  const followed = lines.map((text, index) => {
    const origin = before[origins[index] ?? -1];
    const stableLooks = origin === undefined ? 0 : origin.stableLooks + 1;
    const isTold = origin?.isTold ?? false;
    if (isTold || stableLooks < settledAfterLooks) return { text, stableLooks, isTold };
    fresh.push(text);
    return { text, stableLooks, isTold: true };
  });
  return { followed, fresh };
}

/** What was never told, for the end of the watch. */
export function untold(followed: readonly FollowedLine[]): string[] {
  return followed.filter(({ isTold }) => !isTold).map(({ text }) => text);
}

/**
 * For each line of `to` the index of the same line in `from`, or -1: a longest common subsequence. Quadratic in
 * what lies between the equal beginning and the equal end, so keep the texts to some hundred lines.
 */
export function matchLines(from: readonly string[], to: readonly string[]): number[] {
  const matched = Array.from({ length: to.length }, () => -1);
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) {
    matched[start] = start;
    start += 1;
  }
  let fromEnd = from.length;
  let toEnd = to.length;
  while (fromEnd > start && toEnd > start && from[fromEnd - 1] === to[toEnd - 1]) {
    fromEnd -= 1;
    toEnd -= 1;
    matched[toEnd] = fromEnd;
  }
  const lengths = commonLengths(from.slice(start, fromEnd), to.slice(start, toEnd));
  const width = toEnd - start + 1;
  let row = start;
  let column = start;
  while (row < fromEnd && column < toEnd) {
    const here = (row - start) * width + (column - start);
    if (from[row] === to[column]) {
      matched[column] = row;
      row += 1;
      column += 1;
    } else if ((lengths[here + width] ?? 0) >= (lengths[here + 1] ?? 0)) {
      row += 1;
    } else {
      column += 1;
    }
  }
  return matched;
}

/** Length of the longest common subsequence of each pair of tails, row by row. */
function commonLengths(from: readonly string[], to: readonly string[]): Uint16Array {
  const width = to.length + 1;
  const lengths = new Uint16Array((from.length + 1) * width);
  for (let row = from.length - 1; row >= 0; row--) {
    for (let column = to.length - 1; column >= 0; column--) {
      const here = row * width + column;
      const down = lengths[here + width] ?? 0;
      const right = lengths[here + 1] ?? 0;
      const diagonal = (lengths[here + width + 1] ?? 0) + 1;
      lengths[here] = from[row] === to[column] ? diagonal : Math.max(down, right);
    }
  }
  return lengths;
}
