import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  appendElement,
  appendMember,
  memberOf,
  readJson,
  removeElement,
  removeMember,
  replaceNode,
  valueOf,
} from "../../src/domain/json-text.ts";

const layouts = fc.constantFrom<string | number | undefined>(undefined, 2, 4, "\t");

test("reads what JSON.parse reads, and says where each value stands", () => {
  fc.assert(
    fc.property(fc.json(), layouts, (text, space) => {
      const laidOut = JSON.stringify(JSON.parse(text), null, space);
      expect(valueOf(laidOut, readJson(laidOut, "f"))).toEqual(JSON.parse(laidOut));
    }),
  );
});

test("refuses exactly what JSON.parse refuses", () => {
  const broken = fc.tuple(
    fc.json({ maxDepth: 3 }),
    fc.nat(),
    fc.constantFrom(...Array.from('{}[],:"x0-\\\n')),
  );
  fc.assert(
    fc.property(broken, ([text, at, piece]) => {
      const cut = at % (text.length + 1);
      const changed = text.slice(0, cut) + piece + text.slice(cut);
      expect(accepts(() => readJson(changed, "f"))).toBe(accepts(() => JSON.parse(changed)));
    }),
    { numRuns: 1000 },
  );
});

function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

test("a fault names its place", () => {
  expect(() => readJson('{\n  "a": 1,\n}', "s.json")).toThrow(
    "s.json:3:1: not valid JSON: expected a key in quotes",
  );
});

describe("an edit leaves every other byte", () => {
  const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), {
    minKeys: 1,
    maxKeys: 5,
  });

  test("a member that is added and taken away again", () => {
    fc.assert(
      fc.property(json, layouts, (value, space) => {
        fc.pre(!Object.hasOwn(value, "added"));
        const text = JSON.stringify(value, null, space);
        const more = appendMember(text, objectOf(text), [
          "added",
          { list: [1, 2], map: { a: "b" } },
        ]);
        expect(JSON.parse(more)).toEqual({
          ...JSON.parse(text),
          added: { list: [1, 2], map: { a: "b" } },
        });
        expect(removeMember(more, objectOf(more), "added")).toBe(text);
      }),
    );
  });

  test("an element that is added and taken away again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ maxDepth: 2 }), { minLength: 1 }),
        layouts,
        (value, space) => {
          const text = JSON.stringify(value, null, space);
          const more = appendElement(text, arrayOf(text), { a: 1 });
          expect(JSON.parse(more)).toEqual([...JSON.parse(text), { a: 1 }]);
          expect(removeElement(more, arrayOf(more), value.length)).toBe(text);
        },
      ),
    );
  });

  test("a value that is replaced and replaced back", () => {
    const text = '{ "x" : [1,  2],\n "on": true }';
    const on = memberOf(readJson(text, "f"), "on");
    const off = on === undefined ? "" : replaceNode(text, on, false);
    expect(off).toBe('{ "x" : [1,  2],\n "on": false }');
  });
});

test("what is added looks as the file does", () => {
  const text = '{\n\t"hooks": {}\n}\n';
  const hooks = memberOf(readJson(text, "f"), "hooks");
  const more = hooks?.kind === "object" ? appendMember(text, hooks, ["Stop", [{ a: 1 }]]) : "";
  expect(more).toBe(
    '{\n\t"hooks": {\n\t\t"Stop": [\n\t\t\t{\n\t\t\t\t"a": 1\n\t\t\t}\n\t\t]\n\t}\n}\n',
  );
});

function objectOf(text: string) {
  const node = readJson(text, "f");
  if (node.kind !== "object") throw new Error("no object");
  return node;
}

function arrayOf(text: string) {
  const node = readJson(text, "f");
  if (node.kind !== "array") throw new Error("no array");
  return node;
}
