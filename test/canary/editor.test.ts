// What keys and texts do to the composer.
import { expect, test } from "bun:test";
import { array, assert, constantFrom, property, string } from "fast-check";
import { edit, type Editor, editorText, emptyEditor } from "../../src/canary/editor.ts";
import type { InputEvent, KeyName } from "../../src/canary/keys.ts";

/** `|` marks the cursor. */
function at(marked: string): Editor {
  const [before = "", after = ""] = marked.split("|");
  return { before, after };
}

const key = (name: KeyName): InputEvent => ({ kind: "key", name });

test.each<[string, KeyName, string]>([
  ["ab|", "left", "a|b"],
  ["|ab", "left", "|ab"],
  ["a|b", "right", "ab|"],
  ["ab|", "right", "ab|"],
  ["a日|b", "left", "a|日b"],
  ["👩‍👩‍👧|", "left", "|👩‍👩‍👧"],
  ["👩‍👩‍👧|", "backspace", "|"],
  ["|🏳️‍🌈x", "delete", "|x"],
  ["e\u0301|", "backspace", "|"],
  ["one\ntwo|", "home", "one\n|two"],
  ["o|ne\ntwo", "end", "one|\ntwo"],
  ["one\ntwo|", "up", "one|\ntwo"],
  ["one\ntwo, longer|", "up", "one|\ntwo, longer"],
  ["o|ne\ntwo", "up", "|one\ntwo"],
  ["a\n\n|b", "up", "a\n|\nb"],
  ["on|e\ntwo", "down", "one\ntw|o"],
  ["one, longer|\nb", "down", "one, longer\nb|"],
  ["one|", "down", "one|"],
  ["a|\n\nb", "down", "a\n|\nb"],
  ["one|two", "newline", "one\n|two"],
  ["one|two", "clear", "|"],
  ["one|two", "enter", "one|two"],
])("%j and %s is %j", (before, name, after) => {
  expect(edit(at(before), key(name))).toEqual(at(after));
});

test("a text or a paste goes in at the cursor", () => {
  expect(edit(at("a|d"), { kind: "paste", text: "b\nc" })).toEqual(at("ab\nc|d"));
});

test("moving never changes the text, and a character is never cut", () => {
  const moves = constantFrom<KeyName[]>("left", "right", "up", "down", "home", "end");
  const unit = constantFrom("a", "\n", "日", "🎉", "👩‍👩‍👧", "e\u0301");
  assert(
    property(string({ unit }), array(moves), (text, names) => {
      const start = edit(emptyEditor, { kind: "text", text });
      const end = names.reduce<Editor>((editor, name) => edit(editor, key(name)), start);
      expect(editorText(end)).toBe(text);
      expect(end.before.isWellFormed()).toBe(true);
    }),
  );
});
