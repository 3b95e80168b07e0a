// Durations as people write them in settings (one number and one unit) and as they read them. Pure.

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `500ms`, `15m`, `1h`; never zero, so that no caller has to think about a window of nothing. */
export const durationPattern = /^[1-9][0-9]{0,5}(ms|s|m|h|d)$/;

/** The duration in the largest unit that needs no fraction, such as `15m` or `1500ms`; the opposite of parseDuration. */
export function formatDuration(durationMs: number): string {
  const units = Object.entries(unitMs).toReversed();
  const [unit, ms] = units.find(([, size]) => durationMs % size === 0) ?? ["ms", 1];
  return `${durationMs / ms}${unit}`;
}

/** Roughly how long, in the largest unit of which one is over: `42s`, `12m`, `3h`, `5d`; never below `0s`. */
export function roughDuration(durationMs: number): string {
  const units = Object.entries(unitMs).toReversed();
  const [unit, ms] = units.find(([, size]) => size >= 1000 && durationMs >= size) ?? ["s", 1000];
  return `${Math.max(0, Math.floor(durationMs / ms))}${unit}`;
}

/** Milliseconds of a duration such as `500ms`, `30s`, `15m`, `1h` or `2d`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  const amount = Number.parseInt(text, 10);
  const unit = unitMs[text.slice(String(amount).length)];
  return unit === undefined ? undefined : amount * unit;
}
