// The canary's part of the screen: a composer between two rules, below the transcript, which scrolls in the terminal's
// own scrollback so that `agent tail` sees it. Pure: strings with escape sequences (ECMA-48), one write per change.
import type { Conversation } from "./conversation.ts";
import { layoutEditor, wrapText } from "./layout.ts";

export interface Size {
  columns: number;
  rows: number;
}

/** What is drawn, and where it left the cursor. */
export interface Drawing {
  text: string;
  /** Rows of ours above the cursor: what has to be gone up before the next drawing. */
  rowsAbove: number;
}

/** Before the first drawing: bracketed paste on. */
export const openScreen = "\x1b[?2004h";

/** After the last one: bracketed paste off, cursor shown. */
export const closeScreen = "\x1b[?2004l\x1b[?25h";

/** Clears the screen and starts at its top: after a resize nobody knows where the old rows went. */
export const clearScreen = "\x1b[H\x1b[J";

/** Takes the last drawing away and leaves the cursor at its first row. */
export function erase({ rowsAbove }: Pick<Drawing, "rowsAbove">): string {
  return `\r${rowsAbove > 0 ? `\x1b[${rowsAbove}A` : ""}\x1b[J`;
}

/** Lines for the transcript; tabs as four spaces, as in the composer. */
export function transcript(lines: readonly string[]): string {
  return lines.map((line) => `${line.replaceAll("\t", "    ")}\r\n`).join("");
}

/** The part below the transcript. */
export function draw(state: Conversation, size: Size): Drawing {
  const columns = Math.max(size.columns, 10);
  const rule = "─".repeat(columns);
  const status = state.phase === "working" ? [statusLine(state)] : [];
  const body =
    state.phase === "asking" ? question(state, columns) : composer(state, { ...size, columns });
  const footer = state.phase === "asking" ? [] : ["enter sends · /exit leaves"];
  const head = [...status, rule];
  const rows = [...head, ...body.rows, rule, ...footer.map((line) => line.slice(0, columns))];
  const cursorRow = head.length + body.cursor.row;
  const up = rows.length - 1 - cursorRow;
  const right = body.cursor.column > 0 ? `\x1b[${body.cursor.column}C` : "";
  return {
    text: `${rows.join("\r\n")}\r${up > 0 ? `\x1b[${up}A` : ""}${right}`,
    rowsAbove: cursorRow,
  };
}

function statusLine({ queue }: Conversation): string {
  const queued = queue.length === 0 ? "" : ` · ${queue.length} queued`;
  return `* working (esc to interrupt)${queued}`;
}

/** Stands left of the composer's text. */
const prompt = "› ";

function composer(state: Conversation, size: Size) {
  const columns = size.columns - prompt.length;
  // Half of the screen, as long as that leaves a row.
  const maxRows = Math.max(1, Math.floor(size.rows / 2) - 3);
  const { rows, cursor } = layoutEditor(state.editor, { columns, maxRows });
  return {
    rows: rows.map((row, index) => `${index === 0 ? prompt : "  "}${row}`),
    cursor: { row: cursor.row, column: cursor.column + prompt.length },
  };
}

function question({ choice }: Conversation, columns: number) {
  const asked = wrapText("Permission required: may the canary answer this prompt?", columns);
  const options = (["yes", "no"] as const).map(
    (option, index) =>
      `${option === choice ? "❯" : " "} ${index + 1}. ${option === "yes" ? "Yes" : "No"}`,
  );
  const row = asked.length + (choice === "yes" ? 0 : 1);
  return { rows: [...asked, ...options], cursor: { row, column: 0 } };
}
