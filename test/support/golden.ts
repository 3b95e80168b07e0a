// Golden files: input and expected output in one file, so that a review sees both. UPDATE_GOLDEN=1 rewrites the outputs.
import { expect } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

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
