import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  follow,
  matchLines,
  settledAfterLooks,
  startFollowing,
  untold,
} from "../../src/domain/follow.ts";

/** Feeds look after look and gives what was told at each. */
function watch(first: string[], looks: string[][]): string[][] {
  let followed = startFollowing(first);
  return looks.map((lines) => {
    const next = follow(followed, lines);
    followed = next.followed;
    return next.fresh;
  });
}

function repeated(lines: string[], times = settledAfterLooks + 1): string[][] {
  return Array.from({ length: times }, () => lines);
}

describe("follow", () => {
  test("tells lines that were added, once, after they have settled", () => {
    const told = watch(["a"], repeated(["a", "b", "c"], 2 * settledAfterLooks));
    expect(told.filter((lines) => lines.length > 0)).toEqual([["b", "c"]]);
    expect(told[settledAfterLooks]).toEqual(["b", "c"]);
  });

  test("tells nothing of a spinner or a clock above a steady composer", () => {
    const frames = Array.from({ length: 40 }, (_, look) => [
      "answer",
      `working ${Math.floor(look / 4)}s`,
      "> ",
    ]);
    expect(watch(["answer", "working", "> "], frames).flat()).toEqual([]);
  });

  test("tells what a full-screen program put in the middle, and not what stayed", () => {
    const before = ["title", "hello", "-----", "> "];
    const after = ["title", "hello", "answer 1", "answer 2", "-----", "> "];
    expect(watch(before, repeated(after)).flat()).toEqual(["answer 1", "answer 2"]);
  });

  test("tells the same line again when it really came again", () => {
    const after = ["$ date", "noon", "$ date", "noon"];
    expect(watch(["$ date", "noon"], repeated(after)).flat()).toEqual(["$ date", "noon"]);
  });

  test("takes a half-drawn, empty screen for what it is", () => {
    const looks = [...repeated([]), ...repeated(["", " "]), ...repeated(["a", "b"])];
    expect(watch(["a"], looks).flat()).toEqual(["b"]);
  });

  test("a flood that scrolls away before it settles is still told, in order and once", () => {
    const all = Array.from({ length: 400 }, (_, line) => `line ${line}`);
    const looks = Array.from({ length: 15 }, (_, look) => all.slice(look * 20, look * 20 + 50));
    let followed = startFollowing(all.slice(0, 50));
    const told: string[] = [];
    for (const lines of looks) {
      const next = follow(followed, lines);
      followed = next.followed;
      told.push(...next.fresh);
    }
    expect([...told, ...untold(followed)]).toEqual(all.slice(50, 14 * 20 + 50));
  });
});

describe("matchLines", () => {
  test("finds the lines that stayed, in order", () => {
    expect(matchLines(["a", "b", "c", "d"], ["b", "x", "d", "e"])).toEqual([1, -1, 3, -1]);
  });

  test("every match is of equal lines, and matches never cross", () => {
    const lines = fc.array(fc.constantFrom("", "a", "b", "c", "d"), { maxLength: 30 });
    fc.assert(
      fc.property(lines, lines, (from, to) => {
        let last = -1;
        for (const [index, origin] of matchLines(from, to).entries()) {
          if (origin === -1) continue;
          expect(from[origin]).toBe(to[index]);
          expect(origin).toBeGreaterThan(last);
          last = origin;
        }
      }),
    );
  });
});
