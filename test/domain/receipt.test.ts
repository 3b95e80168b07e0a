import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { hasReached, isOver, mayFollow, type ReceiptStatus } from "../../src/domain/receipt.ts";

const way: readonly ReceiptStatus[] = ["queued", "typed", "submitted", "accepted", "answered"];
const all: readonly ReceiptStatus[] = [...way, "refused", "expired", "failed"];
const anyStatus = fc.constantFrom(...all);

/** What a message says after all of these receipts. */
function after(receipts: readonly ReceiptStatus[]): ReceiptStatus {
  return receipts.reduce<ReceiptStatus>((from, to) => (mayFollow(from, to) ? to : from), "queued");
}

test("a message that is answered stays answered, and one that is accepted comes only further or fails", () => {
  fc.assert(
    fc.property(fc.array(anyStatus), fc.array(anyStatus), (before, later) => {
      const accepted = after([...before, "accepted"]);
      expect(["accepted", "answered"]).toContain(accepted);
      expect(["accepted", "answered", "failed"]).toContain(
        after([...before, "accepted", ...later]),
      );
      expect(after([...before, "answered", ...later])).toBe("answered");
    }),
  );
});

test("nothing that was typed is told to be refused", () => {
  fc.assert(
    fc.property(fc.array(anyStatus), (later) => {
      expect(["refused", "expired", "queued"]).not.toContain(after(["typed", ...later]));
    }),
  );
});

test.each([
  ["submitted", "submitted", true],
  ["accepted", "submitted", true],
  ["typed", "submitted", false],
  ["refused", "submitted", false],
] as const)("%s is as far as %s: %p", (status, wanted, isThere) => {
  expect(hasReached(status, wanted)).toBe(isThere);
});

test("over is what nobody tries any more", () => {
  expect(all.filter(isOver)).toEqual(["answered", "refused", "expired", "failed"]);
});
