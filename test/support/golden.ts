// Golden files: input and expected output in one file, so that a review sees both. UPDATE_GOLDEN=1 rewrites the outputs.
import { expect } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const root = `${import.meta.dir}/../golden`;
const divider = "\n----------\n";

/** Names of the golden files in a folder below test/golden. */
export function goldenNames(folder: string): string[] {
  return readdirSync(`${root}/${folder}`).toSorted();
}

/** Fails when what `render` makes of the file's input is not what the file says. */
export function expectGolden(path: string, render: (input: string) => string): void {
  const text = readFileSync(`${root}/${path}`, "utf8");
  const [input = "", expected = ""] = text.split(divider);
  const actual = render(`${input}\n`);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    writeFileSync(`${root}/${path}`, `${input}${divider}${actual}`);
  } else {
    expect(actual).toBe(expected);
  }
}

/** Fails when a text is not what the whole file says; for what no input of a few lines makes, such as a screen. */
export function expectGoldenText(path: string, actual: string): void {
  const file = `${root}/${path}`;
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, actual);
  } else {
    expect(actual).toBe(readFileSync(file, "utf8"));
  }
}
