// Rows of the composer and the place of the cursor in them.
import { expect, test } from "bun:test";
import { assert, constantFrom, integer, property, string } from "fast-check";
import { layoutEditor, wrapText } from "../../src/canary/layout.ts";

const box = { columns: 4, maxRows: 3 };

test.each<[string, string[], number, number]>([
  ["|", [""], 0, 0],
  ["ab|", ["ab"], 0, 2],
  ["ab|cd", ["abcd"], 0, 2],
  ["abcd|", ["abcd", ""], 1, 0],
  ["abcdef|", ["abcd", "ef"], 1, 2],
  ["a日本|", ["a日", "本"], 1, 2],
  ["a\nb|c", ["a", "bc"], 1, 1],
  ["a\n|", ["a", ""], 1, 0],
  ["\t|", ["    ", ""], 1, 0],
  ["1\n2\n3\n4|", ["2", "3", "4"], 2, 1],
  ["1|\n2\n3\n4", ["1", "2", "3"], 0, 1],
])("%j", (marked, rows, row, column) => {
  const [before = "", after = ""] = marked.split("|");
  expect(layoutEditor({ before, after }, box)).toEqual({ rows, cursor: { row, column } });
});

const unit = constantFrom("a", "日", "🎉", "👩‍👩‍👧", "e\u0301", "\n");

test("no row is wider than the box, and nothing is lost", () => {
  assert(
    property(string({ unit }), integer({ min: 2, max: 12 }), (text, columns) => {
      const rows = wrapText(text, columns);
      expect(rows.filter((row) => Bun.stringWidth(row) > columns)).toEqual([]);
      expect(rows.join("")).toBe(text.replaceAll("\n", ""));
    }),
  );
});

test("the cursor is always inside the box", () => {
  assert(
    property(string({ unit, maxLength: 60 }), string({ unit, maxLength: 60 }), (before, after) => {
      const { rows, cursor } = layoutEditor({ before, after }, box);
      expect(rows.length).toBeLessThanOrEqual(box.maxRows);
      expect(cursor.row).toBeLessThan(rows.length);
      expect(cursor.column).toBeLessThan(box.columns);
    }),
  );
});
