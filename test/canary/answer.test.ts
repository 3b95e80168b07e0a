// The canary's answer counts the text without our envelope.
import { expect, test } from "bun:test";
import { answerTo, fingerprint } from "../../src/canary/answer.ts";
import { messageHeader, openEnvelope, trailingMark } from "../../src/domain/message.ts";

test("bytes are UTF-8, the digest is that of sha256sum", () => {
  expect(answerTo("hi")).toBe("canary: 2 bytes, sha256 8f434346648f6b96 · hi");
  expect(fingerprint("größe").bytes).toBe(7);
});

test.each(["text", "two\nlines", " blank ends ", "", "[mosaic x from y]", "é@file"])(
  "the envelope of %j is taken off",
  (body) => {
    const message = `${messageHeader("id-1", "a:b")}\n${body}${trailingMark}`;
    expect(openEnvelope(message)).toEqual({ id: "id-1", label: "a:b", body });
    expect(answerTo(message)).toBe(answerTo(body));
  },
);

test("a runtime that trims the mark leaves the same text", () => {
  expect(openEnvelope("[mosaic 1 from a]\ntext")?.body).toBe("text");
});

test.each(["text ", "[mosaic 1 from a] text", "x\n[mosaic 1 from a]\ntext", "[mosaic from a]\nb"])(
  "%j has no envelope",
  (message) => {
    expect(openEnvelope(message)).toBeUndefined();
  },
);

test("a long first line is cut, control characters are not shown", () => {
  expect(answerTo(`${"x".repeat(100)}\ny`)).toEndWith(`· ${"x".repeat(59)}…`);
  expect(answerTo("a\tb\u001b[31m")).toEndWith("· a b[31m");
});
