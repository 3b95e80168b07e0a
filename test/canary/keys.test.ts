// Bytes of the terminal into keys, texts and pastes, however the reads cut them.
import { expect, test } from "bun:test";
import {
  array,
  assert,
  constantFrom,
  integer,
  oneof,
  property,
  string,
  uint8Array,
} from "fast-check";
import {
  decodeInput,
  emptyInput,
  flushInput,
  type InputEvent,
  isUndecided,
  type KeyName,
} from "../../src/canary/keys.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** All events of these reads; neighbouring texts joined, as a cut inside a text makes two of one. */
function eventsOf(reads: readonly Uint8Array[]): InputEvent[] {
  let state = emptyInput;
  const events: InputEvent[] = [];
  for (const read of reads) {
    const decoded = decodeInput(state, read);
    state = decoded.state;
    events.push(...decoded.events);
  }
  events.push(...flushInput(state).events);
  return joined(events);
}

function joined(events: readonly InputEvent[]): InputEvent[] {
  return events.reduce<InputEvent[]>((all, event) => {
    const last = all.at(-1);
    if (last?.kind !== "text" || event.kind !== "text") return [...all, event];
    return [...all.slice(0, -1), { kind: "text", text: last.text + event.text }];
  }, []);
}

const key = (name: KeyName): InputEvent => ({ kind: "key", name });
const keys = (...names: KeyName[]) => names.map(key);
const text = (value: string): InputEvent => ({ kind: "text", text: value });
const paste = (value: string): InputEvent => ({ kind: "paste", text: value });
const pasted = (value: string) => `\u001b[200~${value}\u001b[201~`;

test.each<[string, InputEvent[]]>([
  ["hello", [text("hello")]],
  ["größe 日本 🎉", [text("größe 日本 🎉")]],
  ["a\r", [text("a"), key("enter")]],
  ["a\nb", [text("a"), key("newline"), text("b")]],
  ["\u001b\r", [key("newline")]],
  ["\u001b[13;2u", [key("newline")]],
  ["\u001b[A\u001b[B\u001b[C\u001b[D", keys("up", "down", "right", "left")],
  ["\u001bOA\u001bOH\u001bOF", keys("up", "home", "end")],
  ["\u001b[H\u001b[F\u001b[1~\u001b[4~\u001b[3~", keys("home", "end", "home", "end", "delete")],
  [
    "\u0015\u0003\u0004\u007f\u0008\u0001\u0005\u000c",
    keys("clear", "interrupt", "end-of-input", "backspace", "backspace", "home", "end", "redraw"),
  ],
  ["\u001b", [key("escape")]],
  ["\u001b\u001b", [key("escape"), key("escape")]],
  ["\u001b[99;99x\u001bxa", [text("a")]],
  ["\u001b[?1;2ca", [text("a")]],
  ["\t\0a", [text("a")]],
  [pasted("one\rtwo\r\nthree\nfour\tfive"), [paste("one\ntwo\nthree\nfour\tfive")]],
  [`${pasted("")}x${pasted("y")}\r`, [paste(""), text("x"), paste("y"), key("enter")]],
  [pasted("\u001b[A\u001b[200~\u0003\u007fa\u009b"), [paste("[A[200~a")]],
])("%j is understood", (input, events) => {
  expect(eventsOf([encode(input)])).toEqual(events);
});

const pieces = constantFrom(
  "a",
  "é",
  "日",
  "🎉",
  "\r",
  "\n",
  "\u001b\r",
  "\u001b[A",
  "\u001b[3~",
  "\u001b[13;2u",
  pasted("x\ry"),
  pasted("🎉"),
  pasted("\u001b[20"),
  "\u007f",
  "\u0003",
  "\t",
  "[",
  "~",
);

test("it makes no difference where the reads cut the bytes", () => {
  assert(
    property(array(pieces), array(integer({ min: 0, max: 200 })), (parts, cuts) => {
      const bytes = encode(parts.join(""));
      const places = [0, ...cuts.filter((at) => at < bytes.length).toSorted((a, b) => a - b)];
      const reads = places.map((at, index) => bytes.slice(at, places[index + 1] ?? bytes.length));
      expect(eventsOf(reads)).toEqual(eventsOf([bytes]));
    }),
  );
});

test("bytes of any kind give events, never an error, and texts without control characters", () => {
  assert(
    property(array(oneof(uint8Array(), string().map(encode))), (reads) => {
      for (const event of eventsOf(reads)) {
        if (event.kind === "text") expect(event.text).not.toMatch(/\p{Cc}/u);
        if (event.kind === "paste")
          expect(event.text.replaceAll(/[\n\t]/g, "")).not.toMatch(/\p{Cc}/u);
      }
    }),
  );
});

test("a paste waits for its end, however long it takes; a sequence does not", () => {
  const open = decodeInput(emptyInput, encode("\u001b[200~half a "));
  expect(isUndecided(open.state)).toBe(false);
  const flushed = flushInput(open.state);
  expect(flushed).toEqual({ state: open.state, events: [] });
  expect(decodeInput(flushed.state, encode("paste\u001b[201~")).events).toEqual([
    paste("half a paste"),
  ]);

  const sequence = decodeInput(emptyInput, encode("\u001b["));
  expect(isUndecided(sequence.state)).toBe(true);
  expect(flushInput(sequence.state)).toEqual({ state: emptyInput, events: [] });
});
