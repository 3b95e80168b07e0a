// Turns at the start.
import { expect, test } from "bun:test";
import { createSlots } from "../../../src/supervisors/builtin/slots.ts";

test("no more than so many at once, first come first served, and handed back once", async () => {
  const slots = createSlots(2);
  const order: number[] = [];
  const take = async (turn: number) => {
    const release = await slots.take();
    order.push(turn);
    return release;
  };
  const [first, second] = [await take(1), await take(2)];
  const [third, fourth] = [take(3), take(4)];
  await Promise.resolve();
  expect(order).toEqual([1, 2]);
  first();
  first();
  (await third)();
  await fourth;
  second();
  expect(order).toEqual([1, 2, 3, 4]);
});
