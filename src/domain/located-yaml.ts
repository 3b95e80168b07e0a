// Reads one YAML document into a plain value that knows where each part of it stands, so that any fault found
// later can name its line and column. Pure, and never throws: what is wrong with the text is in `faults`.
import { LineCounter, parseDocument } from "yaml";
import { describeYamlError } from "./yaml-errors.ts";
import type { Path } from "./value-path.ts";
import { locate, readNodes } from "./yaml-nodes.ts";

/** A place in a text, both counted from 1. */
export interface Place {
  line: number;
  column: number;
}

/** Something wrong at a place; `hint` is empty when there is nothing to add. */
export interface LocatedFault extends Place {
  message: string;
  hint: string;
}

export interface LocatedYaml {
  /** Plain data; its objects have no prototype. undefined when the text is no YAML at all, null when it is empty. */
  value: unknown;
  faults: LocatedFault[];
  /** Where the value at a path stands, or the nearest thing around it that is there. */
  placeOf: (path: Path) => Place;
  /** Where the last key of a path stands. */
  placeOfKey: (path: Path) => Place;
  /** A scalar as it was written (`1.10`, `0x1F`), which its value no longer says. */
  sourceOf: (path: Path) => string | undefined;
}

/** In UTF-16 units. A roster of a thousand agents stays below it. */
const maxLength = 1_048_576;

/** Reads YAML 1.2, core schema, with aliases and merge keys. */
export function readYaml(input: string): LocatedYaml {
  // A byte order mark takes no column.
  const text = input.replace(/^\uFEFF/, "");
  const lines = countLines(text);
  const faults: LocatedFault[] = [];
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const fault = (offset: number, message: string, hint = "") => {
    faults.push({ ...place(offset), message, hint });
  };
  const contents = parse(text, { fault, place });
  const root =
    contents === undefined
      ? undefined
      : readNodes(contents, { fault, lineOf: (offset) => place(offset).line });
  return {
    value: root?.value,
    faults,
    placeOf: (path) => place(locate(root, path).offset),
    placeOfKey: (path) => place(locate(root, path).keyOffset),
    sourceOf: (path) => locate(root, path).source,
  };
}

/** Filled here: the parser's own count misses lines while it recovers from a slip (yaml 2.9.1). */
function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const newline of text.matchAll(/\n/g)) lines.addNewLine(newline.index + 1);
  return lines;
}

interface ParseTools {
  fault: (offset: number, message: string, hint?: string) => void;
  place: (offset: number) => Place;
}

/** The document's nodes; undefined after a fault, for what follows a slip in the syntax is guesswork. */
function parse(text: string, { fault, place }: ParseTools): unknown {
  if (text.length > maxLength) {
    fault(0, `the file has ${text.length} characters, more than the ${maxLength} that are read`);
    return undefined;
  }
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    fault(nul, "found a NUL character: this is not UTF-8 text", "save the file as UTF-8");
    return undefined;
  }
  const document = parseDocument(text, {
    prettyErrors: false,
    // Ours, which names both lines.
    uniqueKeys: false,
    // Fixed, so that a %YAML 1.1 line cannot turn `no` into false.
    schema: "core",
    resolveKnownTags: false,
  });
  const told = new Set<number>();
  for (const error of [...document.errors, ...document.warnings]) {
    const { offset, message, hint } = describeYamlError(error, document);
    // One slip upsets the parser several times; its first word on a line is the useful one.
    const { line } = place(offset);
    if (!told.has(line)) fault(offset, message, hint);
    told.add(line);
  }
  return told.size > 0 ? undefined : document.contents;
}
