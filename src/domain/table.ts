// A plain table for terminals: no borders, columns two spaces apart, cut to the width of the screen. Pure.
import { displayWidth, oneLine, padEnd, truncate } from "./terminal-text.ts";

export interface TableOptions {
  headers: readonly string[];
  rows: readonly (readonly string[])[];
  /** Width to fit into; pass Infinity when stdout is no terminal, so that scripts get whole values. */
  columns: number;
}

const gap = "  ";

/** A column is not cut below this many columns, even when the table then does not fit. */
const narrowest = 6;

/**
 * The table with a newline after each row. When it is too wide, the widest column gives way first, again and
 * again, so names and states stay readable while long paths lose their end.
 */
export function formatTable({ headers, rows, columns }: TableOptions): string {
  const cells = [headers, ...rows].map((row) =>
    headers.map((_, index) => oneLine(row[index] ?? "")),
  );
  const natural = headers.map((_, index) =>
    Math.max(...cells.map((row) => displayWidth(row[index] ?? ""))),
  );
  const widths = fit(natural, columns - gap.length * (headers.length - 1));
  return cells.map((row) => `${formatRow(row, widths)}\n`).join("");
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, index) => padEnd(truncate(cell, widths[index] ?? 0), widths[index] ?? 0))
    .join(gap)
    .trimEnd();
}

function fit(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  let total = widths.reduce((sum, width) => sum + width, 0);
  while (total > available) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
    total -= 1;
  }
  return widths;
}
