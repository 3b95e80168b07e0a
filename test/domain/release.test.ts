// Versions, and what to do about one.
import { describe, expect, test } from "bun:test";
import { compareManifests } from "../../src/domain/manifest.ts";
import {
  chooseUpdate,
  parseChecksums,
  staleVersions,
  versionPattern,
} from "../../src/domain/release.ts";

test.each([
  ["0.1.0", "0.2.0", false, "update"],
  ["0.9.0", "0.10.0", false, "update"],
  ["0.2.0-rc.1", "0.2.0", false, "update"],
  ["0.2.0", "0.2.0", true, "up-to-date"],
  ["0.3.0", "0.2.0", false, "newer-than-latest"],
  ["0.3.0", "0.2.0", true, "go-back"],
] as const)("%s, and %s is offered (by name: %p): %s", (current, wanted, isNamed, choice) => {
  expect(chooseUpdate({ current, wanted, isNamed })).toBe(choice);
});

test.each(["1.2", "v1.2.3", "../1.2.3", "1.2.3-", "1.2.3 ", "1.2.3-a..b"])(
  "%p is no version",
  (text) => {
    expect(versionPattern.test(text)).toBe(false);
  },
);

test("checksums: lines that are none are left out", () => {
  const hash = "a".repeat(64);
  expect([...parseChecksums(`${hash}  a.gz\n${hash} b\nx\n${hash}  c d\n`)]).toEqual([
    ["a.gz", hash],
  ]);
});

test("the version in use and the one before it are kept", () => {
  expect(staleVersions(["0.1.0", "0.2.0", "0.3.0", "x"], ["0.2.0", "0.3.0"])).toEqual([
    "0.1.0",
    "x",
  ]);
});

const nothing = { files: {}, tables: {} };

function fates(before: object, after: object): string[][] {
  const rows = compareManifests({ ...nothing, ...before }, { ...nothing, ...after });
  return rows.map(({ what, fate }) => [what, fate]);
}

describe("what became of a site's own", () => {
  test("files", () => {
    const before = { files: { a: "1", b: "1", c: "1", d: "1" } };
    const after = { files: { a: "1", b: "2", d: "not there", e: "1" } };
    expect(fates(before, after)).toEqual([
      ["a", "unchanged"],
      ["b", "changed"],
      ["c", "lost"],
      ["d", "lost"],
      ["e", "added"],
    ]);
  });

  test("tables: rows that came are no loss, one that went is", () => {
    const before = { tables: { a: { 1: "x" }, b: { 1: "x" }, c: { 1: "x" }, d: { 1: "x" } } };
    const after = { tables: { a: { 1: "x", 2: "y" }, b: { 1: "y" }, c: { 2: "y" }, e: {} } };
    expect(fates(before, after)).toEqual([
      ["a", "unchanged"],
      ["b", "changed"],
      ["c", "lost"],
      ["d", "lost"],
      ["e", "added"],
    ]);
  });
});
