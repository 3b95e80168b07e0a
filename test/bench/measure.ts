// Timing for the benchmarks: contenders run in turns, so that a slow moment of the machine hits all of them; the median
// is what counts, and each figure stands beside the raw baseline of the same run.

export interface Contender {
  name: string;
  run(): Promise<unknown>;
}

export interface Timing {
  name: string;
  medianMs: number;
  minMs: number;
}

/** Runs every contender `rounds` times in turns, after `warmUps` rounds that do not count. */
export async function race(
  contenders: readonly Contender[],
  { rounds, warmUps }: { rounds: number; warmUps: number },
): Promise<Timing[]> {
  const samples = contenders.map(() => [] as number[]);
  for (let round = -warmUps; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const startedAt = performance.now();
      await contender.run();
      if (round >= 0) samples[index]?.push(performance.now() - startedAt);
    }
  }
  return contenders.map(({ name }, index) => {
    const sorted = (samples[index] ?? []).toSorted((a, b) => a - b);
    return { name, medianMs: median(sorted), minMs: sorted[0] ?? 0 };
  });
}

/** The middle value of a sorted list; 0 of an empty one. */
export function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? 0, sorted[Math.floor(middle)] ?? 0];
  return (low + high) / 2;
}

/** The smallest value of a sorted list that this share of it does not exceed; 0 of an empty one. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** The median of one contender. */
export function medianOf(timings: readonly Timing[], name: string): number {
  return timings.find((timing) => timing.name === name)?.medianMs ?? Number.NaN;
}

/** Prints timings with their ratio to the contender `baseline`. */
export function printTimings(title: string, timings: readonly Timing[], baseline: string): void {
  const base = medianOf(timings, baseline);
  const rows = timings.map(({ name, medianMs, minMs }) => [
    name,
    `${medianMs.toFixed(1)} ms`,
    `${minMs.toFixed(1)} ms`,
    `${(medianMs / base).toFixed(2)}x`,
  ]);
  printTable(title, [["", "median", "best", `of ${baseline}`], ...rows]);
}

/** Prints rows in columns, the first one to the left, numbers to the right. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => Bun.stringWidth(row[column] ?? ""))),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  process.stdout.write(`\n${title}\n${lines.map((line) => `  ${line}`).join("\n")}\n`);
}

/** Prints what was wanted beside what was measured. */
export function printGoal(goal: string, isReached: boolean): void {
  process.stdout.write(`  ${isReached ? "reached" : "MISSED "}  ${goal}\n`);
}
