// Why nothing may be typed into an agent's pane, from what it shows. Pure.
import { isReady, readScreen, type Screen } from "./activity.ts";
import type { Runtime } from "./runtimes.ts";
import { oneLine } from "./terminal-text.ts";

/** `leftover`: a message of ours that was typed and not submitted · `no-composer`: nothing that takes a text is drawn. */
export type RefusalCause = "question" | "leftover" | "draft" | "no-composer";

export interface Refusal {
  cause: RefusalCause;
  /** For people, in one line, with the row of the screen that shows it. */
  reason: string;
}

/** What was typed and is not proven to have left the composer. */
export interface Typed {
  id: string;
  body: string;
}

export interface PaneScreen extends Screen {
  /** The row of the cursor, which every runtime keeps in its composer; index of `lines`. */
  cursorRow: number;
}

/** As many rows above the cursor may show the head of a text in the composer. */
const composerRows = 16;

/** Longer rows are cut. */
const shownLength = 80;

/** Of an agent that shows no empty composer; `typed` is the newest first. */
export function explainRefusal(
  rules: Runtime,
  screen: PaneScreen,
  typed: readonly Typed[],
): Refusal {
  const asked = readScreen(rules, screen, 0);
  if (asked?.activity === "waiting") {
    return { cause: "question", reason: `it asks: ${shown(asked.detail)}` };
  }
  const { lines, cursorRow } = screen;
  const row = shown(lines[cursorRow] ?? "");
  if (!isReady(rules, lines)) {
    const last = shown(lines.findLast((line) => line.trim() !== "") ?? "");
    const what = last === "" ? "an empty screen" : JSON.stringify(last);
    return { cause: "no-composer", reason: `it shows no composer, but ${what}` };
  }
  const ours = typed.find((one) => isInComposer(one, screen));
  if (ours !== undefined) {
    const what = `message ${ours.id} of mosaic, typed and not submitted`;
    return { cause: "leftover", reason: `its composer holds ${what}: ${JSON.stringify(row)}` };
  }
  return { cause: "draft", reason: `its composer holds somebody's draft: ${JSON.stringify(row)}` };
}

/** By its header, by its end before the cursor, or, where a long paste is folded, by there being one at all. */
function isInComposer({ id, body }: Typed, { lines, cursorRow }: PaneScreen): boolean {
  const rows = lines.slice(Math.max(0, cursorRow - composerRows), cursorRow + 1);
  const last = squeezed(rows.slice(-2).join(""));
  const end = squeezed(body).slice(-12);
  return (
    rows.some((row) => row.includes(`[mosaic ${id} from `)) ||
    (end.length > 4 && last.endsWith(end)) ||
    /\[[Pp]asted /.test(rows.at(-1) ?? "")
  );
}

/** A composer wraps and indents; its right edge is no text. */
function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, "").replace(/[│┃|]$/, "");
}

function shown(row: string): string {
  const text = oneLine(row).trim();
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
