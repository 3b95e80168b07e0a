// Adds and removes one line of config.yaml and leaves every other byte alone, where the file is as people write it: a key on
// each line. What is written otherwise is left to the library, which lays the whole file out anew. Pure.
import { type Document, isMap, isScalar, parseDocument, stringify } from "yaml";

interface Line {
  section: string;
  name: string;
  value: string | number;
}

/** The text with a line behind the last one of its section; undefined where that cannot be done. */
export function addLine(text: string, { section, name, value }: Line): string | undefined {
  const document = parseDocument(text);
  const lines = linesOf(document, text, section);
  const last = lines?.at(-1);
  if (last === undefined) return undefined;
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const written = `${last.indent}${name}: ${stringify(value, { lineWidth: 0 }).trimEnd()}`;
  const before = text.slice(0, last.end);
  const next = `${before}${before.endsWith("\n") ? "" : end}${written}${end}${text.slice(last.end)}`;
  document.setIn([section, name], value);
  return isSame(next, document) ? next : undefined;
}

/** The text without the line of a key, which is not the only one of its section; undefined where that cannot be done. */
export function removeLine(
  text: string,
  { section, name }: Omit<Line, "value">,
): string | undefined {
  const document = parseDocument(text);
  const lines = linesOf(document, text, section);
  const line = lines?.find((one) => one.name === name);
  if (line === undefined || lines?.length === 1) return undefined;
  const next = text.slice(0, line.start) + text.slice(line.end);
  document.deleteIn([section, name]);
  return isSame(next, document) ? next : undefined;
}

interface Place {
  name: string;
  indent: string;
  /** Offsets, the end behind the end of the line. */
  start: number;
  end: number;
}

/** undefined when the section is not a map with each key and its value on a line of its own. */
function linesOf(document: Document, text: string, section: string): Place[] | undefined {
  const map = document.get(section);
  if (!isMap(map) || map.flow === true) return undefined;
  const places: Place[] = [];
  for (const { key, value } of map.items) {
    if (!isScalar(key) || !isScalar(value) || !key.range || !value.range) return undefined;
    const start = text.lastIndexOf("\n", key.range[0] - 1) + 1;
    const indent = text.slice(start, key.range[0]);
    const newline = text.indexOf("\n", value.range[1]);
    const end = newline < 0 ? text.length : newline + 1;
    const isOneLine = !text.slice(key.range[0], value.range[1]).includes("\n");
    if (!/^ *$/.test(indent) || !isOneLine) return undefined;
    places.push({ name: String(key.value), indent, start, end });
  }
  return places;
}

/** Whether the text says what the document does, in its order. */
function isSame(text: string, document: Document): boolean {
  const read = parseDocument(text);
  return (
    read.errors.length === 0 && JSON.stringify(read.toJS()) === JSON.stringify(document.toJS())
  );
}
