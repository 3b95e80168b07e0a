// Values of a YAML text and the places where they stand.
import { expect, test } from "bun:test";
import { readYaml } from "../../src/domain/located-yaml.ts";

test("every part knows its place, merged and aliased parts too", () => {
  const yaml = readYaml("a: &a\n  x: 1.10\nb:\n  <<: *a\n  y: [~, 0x1F]\n");
  expect(yaml.faults).toEqual([]);
  expect(JSON.stringify(yaml.value)).toBe('{"a":{"x":1.1},"b":{"y":[null,31],"x":1.1}}');
  expect(yaml.placeOf(["b", "y", 1])).toEqual({ line: 5, column: 10 });
  expect(yaml.placeOf(["b", "x"])).toEqual({ line: 2, column: 6 });
  expect(yaml.placeOfKey(["b", "x"])).toEqual({ line: 2, column: 3 });
  expect(yaml.sourceOf(["b", "x"])).toBe("1.10");
  expect(yaml.sourceOf(["b", "y", 1])).toBe("0x1F");
});

test("a path that leads nowhere has the place of what is around it", () => {
  const yaml = readYaml("a:\n  b:\n    c: 1\n");
  expect(yaml.placeOf(["a", "b", "zzz", 3])).toEqual({ line: 3, column: 5 });
  expect(yaml.sourceOf(["a", "zzz"])).toBeUndefined();
});

test("a value that is not there has the place of its key", () => {
  const yaml = readYaml("a: 1\n\n# later\nb:\n");
  expect(yaml.placeOf(["b"])).toEqual({ line: 4, column: 1 });
});

test("the earlier of two merged maps wins, the map's own keys before both", () => {
  const yaml = readYaml(
    "a: &a {x: 1, y: 1}\nb: &b {x: 2, y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  y: 3\n",
  );
  expect(JSON.stringify(yaml.value)).toEndWith('"c":{"y":3,"x":1,"z":2}}');
});

test("a quoted << is a key like any other", () => {
  expect(JSON.stringify(readYaml('"<<": 1\n').value)).toBe('{"<<":1}');
});

test.each([
  ["%YAML 1.1\n---\na: no\n", '{"a":"no"}'],
  ["\uFEFFa: 1\r\nb:\r\n  - c\r\n", '{"a":1,"b":["c"]}'],
  ["a: 2026-01-31\n", '{"a":"2026-01-31"}'],
  ["404: x\ntrue: y\n", '{"404":"x","true":"y"}'],
  ["---\na: 1\n...\n", '{"a":1}'],
  ["", "null"],
])("%j is %s", (text, expected) => {
  const yaml = readYaml(text);
  expect(yaml.faults).toEqual([]);
  expect(JSON.stringify(yaml.value)).toBe(expected);
});

test("a key named __proto__ changes no object", () => {
  const yaml = readYaml("__proto__: {polluted: 1}\n");
  expect(JSON.stringify(yaml.value)).toBe('{"__proto__":{"polluted":1}}');
  expect(Object.getPrototypeOf(yaml.value)).toBeNull();
});

test("places are right behind a slip that makes the parser skip a line", () => {
  const lines = readYaml("*version: 1\nversion: 1\nconstructor: version: 1\n").faults.map(
    ({ line }) => line,
  );
  expect(lines).toEqual([1, 3]);
});
