// Bytes of a terminal in raw mode -> what the person or the delivery did. Pure, and the same for every way the bytes
// are cut into reads: an escape sequence, a character or a paste may arrive in pieces.

export type KeyName =
  | "enter"
  | "newline"
  | "backspace"
  | "delete"
  | "left"
  | "right"
  | "up"
  | "down"
  | "home"
  | "end"
  | "escape"
  | "clear"
  | "interrupt"
  | "end-of-input"
  | "redraw";

export type InputEvent =
  | { kind: "text"; text: string }
  /** A bracketed paste, complete; its lines end in LF. */
  | { kind: "paste"; text: string }
  | { kind: "key"; name: KeyName };

export interface InputState {
  /** Bytes whose meaning depends on what follows. */
  pending: Uint8Array<ArrayBuffer>;
  inPaste: boolean;
}

/** Nothing read yet. */
export const emptyInput: InputState = { pending: new Uint8Array(0), inPaste: false };

export interface Decoded {
  state: InputState;
  events: InputEvent[];
}

/** Takes one read. What can't be decided yet stays in the state: see `isUndecided` and `flushInput`. */
export function decodeInput(state: InputState, chunk: Uint8Array): Decoded {
  const bytes = new Uint8Array(state.pending.length + chunk.length);
  bytes.set(state.pending);
  bytes.set(chunk, state.pending.length);
  const events: InputEvent[] = [];
  let inPaste = state.inPaste;
  let at = 0;
  while (at < bytes.length) {
    const step = inPaste ? pasteStep(bytes, at) : plainStep(bytes, at);
    if (step === undefined) break;
    if (step.event !== undefined) events.push(step.event);
    inPaste = step.inPaste ?? inPaste;
    at += step.length;
  }
  return { state: { pending: bytes.slice(at), inPaste }, events };
}

/** Bytes wait for the rest of a sequence; when it stays away, `flushInput`. A paste waits for its end for ever. */
export function isUndecided(state: InputState): boolean {
  return !state.inPaste && state.pending.length > 0;
}

/** The rest did not come in time: a lone ESC was the Escape key, anything else is dropped. */
export function flushInput(state: InputState): Decoded {
  if (!isUndecided(state)) return { state, events: [] };
  const isEscape = state.pending.length === 1 && state.pending[0] === escape;
  return { state: emptyInput, events: isEscape ? [{ kind: "key", name: "escape" }] : [] };
}

interface Step {
  length: number;
  event?: InputEvent;
  inPaste?: boolean;
}

const escape = 0x1b;
const utf8 = new TextDecoder();

/** Control bytes that are keys (ascii(7)); the others are ignored. */
const controls: Partial<Record<number, KeyName>> = {
  0x01: "home",
  0x03: "interrupt",
  0x04: "end-of-input",
  0x05: "end",
  0x08: "backspace",
  0x0a: "newline",
  0x0c: "redraw",
  0x0d: "enter",
  0x15: "clear",
  0x7f: "backspace",
};

/** Final part of a CSI or SS3 sequence -> key (xterm's ctlseqs; 13;2u is Shift-Enter of the kitty protocol). */
const sequences: Partial<Record<string, KeyName>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
  "1~": "home",
  "3~": "delete",
  "4~": "end",
  "7~": "home",
  "8~": "end",
  "13;2u": "newline",
};

function pasteStep(bytes: Uint8Array, at: number): Step | undefined {
  const end = indexOfPasteEnd(bytes, at);
  if (end === -1) return undefined;
  const text = utf8.decode(bytes.subarray(at, end));
  return {
    length: end - at + pasteEnd.length,
    inPaste: false,
    event: { kind: "paste", text: pastedText(text) },
  };
}

const pasteEnd = Uint8Array.from("\x1b[201~", (character) => character.charCodeAt(0));

function indexOfPasteEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(escape, from); at !== -1; at = bytes.indexOf(escape, at + 1)) {
    if (pasteEnd.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

/** Terminals send CR for the end of a line; control characters have no place in a text. */
function pastedText(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replaceAll(/[^\P{Cc}\n\t]/gu, "");
}

function plainStep(bytes: Uint8Array, at: number): Step | undefined {
  const first = bytes[at] ?? 0;
  if (first === escape) return escapeStep(bytes, at);
  if (first < 0x20 || first === 0x7f) {
    const name = controls[first];
    return { length: 1, ...(name === undefined ? {} : { event: { kind: "key", name } }) };
  }
  return textStep(bytes, at);
}

function escapeStep(bytes: Uint8Array, at: number): Step | undefined {
  const second = bytes[at + 1];
  if (second === undefined) return undefined;
  // Two Escapes in a row: the first one stands for itself.
  if (second === escape) return { length: 1, event: { kind: "key", name: "escape" } };
  // Alt-Enter.
  if (second === 0x0d || second === 0x0a)
    return { length: 2, event: { kind: "key", name: "newline" } };
  if (second !== 0x5b && second !== 0x4f) return { length: 2 };
  let end = at + 2;
  while (end < bytes.length && !isFinal(bytes[end] ?? 0)) end += 1;
  if (end === bytes.length) return undefined;
  const body = String.fromCharCode(...bytes.subarray(at + 2, end + 1));
  const length = end + 1 - at;
  if (body === "200~") return { length, inPaste: true };
  const name = sequences[body];
  return { length, ...(name === undefined ? {} : { event: { kind: "key", name } }) };
}

/** Ends a CSI sequence (ECMA-48, 5.4); a byte that can't be in one ends it too, so that no text is swallowed for long. */
function isFinal(byte: number): boolean {
  return byte < 0x20 || byte >= 0x40;
}

function textStep(bytes: Uint8Array, at: number): Step | undefined {
  let end = at;
  while (end < bytes.length && isText(bytes[end] ?? 0)) end += 1;
  const whole = end === bytes.length ? completeEnd(bytes, at, end) : end;
  if (whole === at) return undefined;
  const text = utf8.decode(bytes.subarray(at, whole)).replaceAll(/\p{Cc}/gu, "");
  return { length: whole - at, ...(text === "" ? {} : { event: { kind: "text", text } }) };
}

function isText(byte: number): boolean {
  return byte >= 0x20 && byte !== 0x7f;
}

/** Where the last complete UTF-8 character ends (RFC 3629): a lead byte near the end may lack its continuation. */
function completeEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= Math.max(start, end - 3); at -= 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0xc0) return end - at < characterLength(byte) ? at : end;
    if (byte < 0x80) return end;
  }
  return end;
}

function characterLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}
