import { expect, test } from "bun:test";
import { eventually } from "./eventually.ts";

test("the first value that is as wanted is returned", async () => {
  let count = 0;
  const seen = await eventually(() => ++count, { until: (value) => value === 3, intervalMs: 1 });
  expect(seen).toBe(3);
});

test("a probe that throws is asked again", async () => {
  let count = 0;
  const probe = () => {
    if (++count < 3) throw new Error("not yet");
    return Promise.resolve("there");
  };
  expect(await eventually(probe, { intervalMs: 1 })).toBe("there");
});

test.each([
  [() => ({ state: "starting" }), '{\n  state: "starting",\n}'],
  [() => Promise.reject(new Error("no server")), "Error: no server"],
])("at the deadline the last thing seen is told", async (probe, seen) => {
  const error = await eventually(probe, {
    what: "the agent to be idle",
    until: () => false,
    timeoutMs: 5,
    intervalMs: 1,
  }).catch((fault: unknown) => fault);
  expect(error).toMatchObject({
    message: `the agent to be idle: not within 5 ms; last seen: ${seen}`,
  });
});
