import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { assets } from "../../src/adapters/assets.ts";
import { outputOf } from "../support/run-command.ts";

const framework = `${import.meta.dir}/../../framework`;

test("the list holds every file of the framework folder, sorted", async () => {
  const found = await outputOf(["find", ".", "-type", "f"], { cwd: framework });
  const paths = found
    .trimEnd()
    .split("\n")
    .map((path) => path.slice("./".length));
  expect(await assets.list()).toEqual(paths.toSorted());
});

test("a file is read to the byte", async () => {
  const [path = ""] = await assets.list();
  expect(await assets.read(path)).toEqual(new Uint8Array(readFileSync(`${framework}/${path}`)));
});

test("nothing outside the framework can be read", async () => {
  const error = await assets.read("../package.json").catch((fault: unknown) => fault);
  expect(error).toEqual(new Error("not inside the framework: ../package.json"));
});
