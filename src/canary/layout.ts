// Text laid out in rows of a terminal, with the place of the cursor. Pure.
import type { Editor } from "./editor.ts";

export interface Layout {
  rows: string[];
  cursor: { row: number; column: number };
}

export interface Box {
  columns: number;
  maxRows: number;
}

/**
 * The part of the composer's text that is seen: wrapped at any character, tabs as four spaces, at most `maxRows` rows,
 * those around the cursor.
 */
export function layoutEditor(editor: Editor, { columns, maxRows }: Box): Layout {
  // More than fits on the screen is not looked at: a pasted text may be very long.
  const most = columns * maxRows;
  const before = shown(withoutHalf(editor.before.slice(-most)));
  const after = shown(editor.after.slice(0, most));
  const rows = wrapText(before, columns);
  const cursor = { row: rows.length - 1, column: Bun.stringWidth(rows.at(-1) ?? "") };
  if (cursor.column >= columns) {
    rows.push("");
    cursor.row += 1;
    cursor.column = 0;
  }
  const start = rows.pop() ?? "";
  const all = [...rows, ...wrapText(start + after, columns)];
  const first = Math.max(0, cursor.row + 1 - maxRows);
  return {
    rows: all.slice(first, first + maxRows),
    cursor: { row: cursor.row - first, column: cursor.column },
  };
}

/** Lines broken into rows of at most so many columns; a wide character is never cut. */
export function wrapText(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, columns));
}

function wrapLine(line: string, columns: number): string[] {
  if (Bun.stringWidth(line) <= columns) return [line];
  const rows: string[] = [];
  let row = "";
  let used = 0;
  for (const { segment } of characters.segment(line)) {
    const width = Bun.stringWidth(segment);
    if (used + width > columns) {
      rows.push(row);
      row = "";
      used = 0;
    }
    row += segment;
    used += width;
  }
  return [...rows, row];
}

const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

function shown(text: string): string {
  return text.replaceAll("\t", "    ");
}

/** A cut may leave the second half of a surrogate pair in front. */
function withoutHalf(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]/, "");
}
