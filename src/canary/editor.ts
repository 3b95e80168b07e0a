// The text in the composer and its cursor: what the keys do to it. Pure.
import type { InputEvent } from "./keys.ts";

export interface Editor {
  /** Text left of the cursor. */
  before: string;
  /** Text right of it. */
  after: string;
}

/** Nothing in the composer. */
export const emptyEditor: Editor = { before: "", after: "" };

/** The whole text. */
export function editorText(editor: Editor): string {
  return editor.before + editor.after;
}

/** What a key or a text does; keys that do not edit (Enter, Escape, Ctrl-C …) change nothing. */
export function edit(editor: Editor, event: InputEvent): Editor {
  if (event.kind !== "key") return { ...editor, before: editor.before + event.text };
  const { before, after } = editor;
  switch (event.name) {
    case "newline":
      return { before: `${before}\n`, after };
    case "backspace":
      return { before: before.slice(0, before.length - lastCharacter(before).length), after };
    case "delete":
      return { before, after: after.slice(firstCharacter(after).length) };
    case "left":
      return cursorAt(editor, before.length - lastCharacter(before).length);
    case "right":
      return cursorAt(editor, before.length + firstCharacter(after).length);
    case "home":
      return cursorAt(editor, before.lastIndexOf("\n") + 1);
    case "end":
      return cursorAt(editor, lineEnd(editor, before.length));
    case "up":
      return up(editor);
    case "down":
      return down(editor);
    case "clear":
      return emptyEditor;
    default:
      return editor;
  }
}

function up(editor: Editor): Editor {
  const lineStart = editor.before.lastIndexOf("\n") + 1;
  if (lineStart === 0) return cursorAt(editor, 0);
  const above = editor.before.lastIndexOf("\n", lineStart - 2) + 1;
  return cursorAt(editor, Math.min(above + editor.before.length - lineStart, lineStart - 1));
}

function down(editor: Editor): Editor {
  const end = lineEnd(editor, editor.before.length);
  const text = editorText(editor);
  if (end === text.length) return cursorAt(editor, end);
  const column = editor.before.length - editor.before.lastIndexOf("\n") - 1;
  return cursorAt(editor, Math.min(end + 1 + column, lineEnd(editor, end + 1)));
}

function lineEnd(editor: Editor, from: number): number {
  const text = editorText(editor);
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

/** Never inside a character: an index between its code units moves to its start. */
function cursorAt(editor: Editor, index: number): Editor {
  const text = editorText(editor);
  const near = characters.segment(text.slice(Math.max(0, index - longest), index + longest));
  const offset = Math.max(0, index - longest);
  const at = offset + (near.containing(index - offset)?.index ?? index - offset);
  return { before: text.slice(0, at), after: text.slice(at) };
}

/** What a person takes for one character may be many code units: an emoji family, a letter with marks. */
const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Code units; the longest emoji sequences in use have 35 or so. */
const longest = 64;

function lastCharacter(text: string): string {
  return [...characters.segment(text.slice(-longest))].at(-1)?.segment ?? "";
}

function firstCharacter(text: string): string {
  return characters.segment(text.slice(0, longest)).containing(0)?.segment ?? "";
}
