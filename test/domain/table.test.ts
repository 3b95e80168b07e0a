import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatTable } from "../../src/domain/table.ts";
import { displayWidth } from "../../src/domain/terminal-text.ts";

const headers = ["NAME", "RUNTIME", "WORKDIR"];
const rows = [
  ["canary-pi", "pi", "~/work/a/rather/long/path/that/goes/on"],
  ["日本", "command", "~"],
];

test("columns line up, also below wide characters, and no line has blanks at its end", () => {
  expect(formatTable({ headers, rows, columns: Number.POSITIVE_INFINITY })).toBe(
    [
      "NAME       RUNTIME  WORKDIR",
      "canary-pi  pi       ~/work/a/rather/long/path/that/goes/on",
      "日本       command  ~",
      "",
    ].join("\n"),
  );
});

test("in a narrow terminal the widest column gives way", () => {
  expect(formatTable({ headers, rows, columns: 40 })).toBe(
    [
      "NAME       RUNTIME  WORKDIR",
      "canary-pi  pi       ~/work/a/rather/lon…",
      "日本       command  ~",
      "",
    ].join("\n"),
  );
});

test("a cell cannot break the table", () => {
  expect(
    formatTable({ headers: ["A", "B"], rows: [["x\ny\u001B[2J", "z"], ["only"]], columns: 80 }),
  ).toBe(["A       B", "x y[2J  z", "only", ""].join("\n"));
});

test("without rows the headers stand alone", () => {
  expect(formatTable({ headers: ["A", "B"], rows: [], columns: 80 })).toBe("A  B\n");
});

test("no line is wider than the terminal as long as columns can give way", () => {
  const cell = fc.string({ unit: "grapheme", maxLength: 60 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell)),
      fc.integer({ min: 24, max: 120 }),
      (cells, columns) => {
        const lines = formatTable({ headers, rows: cells, columns }).trimEnd().split("\n");
        expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
      },
    ),
  );
});
