// Did-you-mean for commands, flags, roster keys and agent names. Pure.

/**
 * The candidate nearest to the word, or undefined when none is near enough to be a typing slip: at most one
 * edit for short words, two from five letters on, three from nine. A longer candidate that starts with the
 * word (three letters at least) counts as near. The earlier candidate wins a tie.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = allowedEdits(wanted.length) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  if (best !== undefined || wanted.length < 3) return best;
  return candidates.find((candidate) => candidate.toLowerCase().startsWith(wanted));
}

/**
 * Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of
 * neighbours count one each. https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const edits = [
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      ];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped && row > 1 && column > 1) edits.push(at(beforeLast, column - 2) + 1);
      current.push(Math.min(...edits));
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, to.length);
}

function allowedEdits(length: number): number {
  if (length < 5) return 1;
  return length < 9 ? 2 : 3;
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
