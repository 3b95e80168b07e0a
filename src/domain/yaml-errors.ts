// What the YAML parser's errors mean for somebody who wrote a settings file. Pure.
import { isScalar, visit } from "yaml";
import type { Document, ErrorCode, YAMLError } from "yaml";

interface Wording {
  message: string;
  hint: string;
}

/** A fault of the syntax, with its offset in the text. */
export interface SyntaxFault extends Wording {
  offset: number;
}

const wordings: Partial<Record<ErrorCode, Wording>> = {
  MULTIPLE_DOCS: {
    message: "expected one YAML document, found the start of a second one",
    hint: "remove the line with ---",
  },
  RESOURCE_EXHAUSTION: { message: "nested too deeply to be read", hint: "" },
  TAB_AS_INDENT: {
    message: "expected spaces, found a tab: YAML does not indent with tabs",
    hint: "replace the tab by spaces",
  },
  TAG_RESOLVE_FAILED: {
    message: "expected plain data, found a tag (a word that starts with !)",
    hint: "put the value in quotes if the ! belongs to it",
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "expected one value, found a second `key:` on the same line",
    hint: "put the value in quotes if the colon belongs to it",
  },
};

/** Beginnings of the parser's messages that stand for a plainer sentence. */
const plainer: readonly (Wording & { start: string })[] = [
  {
    start: "All mapping items must start",
    message: "wrong indentation: every key of a map starts in the same column",
    hint: "",
  },
  {
    start: "All sequence items must start",
    message: "wrong indentation: every - of a list starts in the same column",
    hint: "",
  },
  {
    start: "Sequence item without -",
    message: "wrong indentation: expected a - or a column further to the right or left",
    hint: "",
  },
  {
    start: "Implicit map keys need",
    message: "expected `key: value`, found a word without a colon behind it",
    hint: "",
  },
  { start: "Missing closing", message: "the quote that starts here is never closed", hint: "" },
];

/** What to say of a parse error, and where; without a wording of ours the parser's own, in our manner. */
export function describeYamlError(error: YAMLError, document: Document.Parsed): SyntaxFault {
  const [offset] = error.pos;
  const known =
    wordings[error.code] ?? plainer.find(({ start }) => error.message.startsWith(start));
  if (known === undefined) {
    const said = error.message.replace(/\.$/, "");
    return {
      offset,
      message: `not valid YAML: ${said.slice(0, 1).toLowerCase()}${said.slice(1)}`,
      hint: "",
    };
  }
  const { message, hint } = known;
  const isOpenQuote = error.message.startsWith("Missing closing");
  return { offset: isOpenQuote ? quoteAround(document, offset) : offset, message, hint };
}

/** Where the quoted scalar starts that runs up to an offset; the parser names only its end, often the last line. */
function quoteAround(document: Document.Parsed, offset: number): number {
  let start = offset;
  visit(document, (_key, node, path) => {
    // Far deeper than any settings; this walk must not run out of stack.
    if (path.length > 100) return visit.SKIP;
    if (!isScalar(node) || !node.type?.startsWith("QUOTE_") || !node.range) return undefined;
    if (node.range[0] <= offset && offset <= node.range[2]) start = node.range[0];
    return undefined;
  });
  return start;
}
