import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { editDistance, suggest } from "../../src/domain/suggest.ts";

describe("suggest", () => {
  const commands = ["init", "install-systemd", "start", "stop", "restart", "status", "verify"];
  test.each([
    ["strat", "start"],
    ["stpo", "stop"],
    ["staus", "status"],
    ["restrat", "restart"],
    ["INIT", "init"],
    ["instal-systemd", "install-systemd"],
    ["inst", "init"],
    ["install", "install-systemd"],
    ["veri", "verify"],
  ])("finds what %s was meant to be", (word, meant) => {
    expect(suggest(word, commands)).toBe(meant);
  });

  test.each(["", "x", "frobnicate", "ve", "agent"])("has no idea what %p could be", (word) => {
    expect(suggest(word, commands)).toBeUndefined();
  });

  test("prefers the earlier candidate when two are as near", () => {
    expect(suggest("canary-3", ["canary-1", "canary-2"])).toBe("canary-1");
  });
});

describe("editDistance", () => {
  test.each([
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "abc", 0],
    ["abc", "acb", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
  ])("from %p to %p is %d", (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  test("is symmetric, and zero only for equal words", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
        expect(editDistance(one, other)).toBe(editDistance(other, one));
        expect(editDistance(one, other) === 0).toBe(one === other);
      }),
    );
  });
});
