// Work under way, and what its asker hears.
import { expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import { createOperations } from "../../../src/supervisors/builtin/operations.ts";
import { outcome } from "../../../src/supervisors/outcome.ts";
import { fakeContext } from "../../support/fake-context.ts";

test("a fault is told to the one who asks, and is no rejection when nobody does", async () => {
  using ctx = fakeContext();
  const operations = createOperations(ctx);
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", note);
  const id = operations.begin(["one", "two"], async (name) => {
    if (name === "one") throw new AppError("cannot read black-box: permission denied");
    return outcome(name, { result: "started" });
  });
  // A turn of the event loop, after which a rejection would have been noticed.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
  const fault = await operations.news(id, 0).catch((error: unknown) => error);
  expect(fault).toMatchObject({ message: expect.stringContaining("cannot read black-box") });
});
