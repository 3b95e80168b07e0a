// The moments in the middle of a swap, which no test with real writers can hit.
import { expect, test } from "bun:test";
import { lstatSync, readlinkSync, renameSync, symlinkSync } from "node:fs";
import { putInPlace, swapFile } from "../../src/adapters/swap-file.ts";
import { tempHome } from "../support/temp-home.ts";

test("what somebody puts in place between a swap and its undoing is the newest, and stays", () => {
  using home = tempHome();
  const target = home.write("settings.json", "old");
  const temp = home.write("temp", "ours");
  let swaps = 0;
  const exchange = (from: string, to: string): boolean => {
    swaps += 1;
    // Behind our look at what stands there, and again behind the swap.
    if (swaps <= 2) renameSync(home.write("theirs", `theirs ${swaps}`), target);
    renameSync(from, home.at("third"));
    renameSync(to, from);
    renameSync(home.at("third"), to);
    return true;
  };
  expect(putInPlace({ temp, target, exchange, expected: "old", data: "ours" })).toBe(undefined);
  expect(home.read("settings.json")).toBe("theirs 2");
});

test("a link to a file that is not there yet is written through; one into no folder is a fault, and stays", async () => {
  using home = tempHome();
  const swap = { expected: undefined, data: "ours", mode: 0o600, isSynced: true };
  symlinkSync("there", home.at("link"));
  using _ = await swapFile(home.at("link"), swap);
  expect([readlinkSync(home.at("link")), home.read("there")]).toEqual(["there", "ours"]);
  symlinkSync("no/folder", home.at("nowhere"));
  const fault = await swapFile(home.at("nowhere"), swap).catch((error: unknown) => error);
  expect(String(fault)).toMatch(/cannot write .*nowhere: no such file/);
  expect(lstatSync(home.at("nowhere")).isSymbolicLink()).toBe(true);
});
