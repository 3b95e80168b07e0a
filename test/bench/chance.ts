// Chance that can be repeated: the same seed makes the same choices, as far as the machine lets it.

export interface Chance {
  /** True this often, of 1. */
  happens(share: number): boolean;
  /** Any number from `low` up to `high`. */
  between(low: number, high: number): number;
  /** The same, but each power of ten is as likely as the next: many small ones, few large ones. */
  spread(low: number, high: number): number;
  pick<T>(list: readonly T[]): T | undefined;
}

/** mulberry32, public domain, by Tommy Ettinger: good enough to choose victims with. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + next() * (high - low);
  return {
    happens: (share) => next() < share,
    between,
    spread: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}
