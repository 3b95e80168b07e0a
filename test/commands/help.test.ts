// Every help screen against its golden file. After a wanted change: UPDATE_GOLDEN=1 bun test test/commands/help.test.ts,
// then read the diff.
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { walk } from "../../src/commands/index.ts";
import { isGroup } from "../../src/commands/_tree.ts";
import { displayWidth } from "../../src/domain/terminal-text.ts";
import { main } from "../../src/main.ts";
import { fakeContext } from "../support/fake-context.ts";

const folder = `${import.meta.dir}/../golden/help`;
const isUpdate = process.env["UPDATE_GOLDEN"] === "1";
const places = [...walk()];
const files = new Set(places.map(({ path }) => goldenName(path)));

function goldenName(path: readonly string[]): string {
  return `${["mosaic", ...path].join("-")}.txt`;
}

async function helpOf(words: readonly string[], columns = 80): Promise<string> {
  using ctx = fakeContext({ io: { columns } });
  expect({ code: await main(words, ctx), stderr: ctx.stderr }).toEqual({ code: 0, stderr: "" });
  ctx.done();
  return ctx.stdout;
}

describe.each(
  places.map(({ path, node }) => ({ command: ["mosaic", ...path].join(" "), path, node })),
)("$command --help", ({ path, node }) => {
  test("prints its golden screen, within 80 columns", async () => {
    const help = await helpOf([...path, "--help"]);
    const file = `${folder}/${goldenName(path)}`;
    if (isUpdate) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, help);
    }
    expect(help).toBe(readFileSync(file, "utf8"));
    expect(Math.max(...help.split("\n").map(displayWidth))).toBeLessThanOrEqual(80);
    expect(help).not.toContain("undefined");
  });

  test("is the same by -h and by mosaic help", async () => {
    const help = await helpOf([...path, "--help"]);
    expect(await helpOf([...path, "-h"])).toBe(help);
    expect(await helpOf(["help", ...path])).toBe(help);
  });

  test("has a one-line summary and examples that are commands of ours", () => {
    expect(node.summary).toMatch(/^[a-z].*[^.]$/);
    expect(node.examples.length).toBeGreaterThan(0);
    for (const example of node.examples) {
      expect(example).toContain(isGroup(node) ? "mosaic " : ["mosaic", ...path].join(" "));
    }
  });
});

test.each([40, 60, 200])(
  "every screen fits %d columns, but for examples and usage",
  async (columns) => {
    for (const { path } of places) {
      const lines = (await helpOf([...path, "--help"], columns)).split("\n");
      const prose = lines.filter((line) => !/^ {2}.*mosaic /.test(line));
      // A long option cannot be broken; its description still has 20 columns.
      const widest = Math.max(...prose.map(displayWidth));
      expect({ path, fits: widest <= Math.max(columns, 56) && widest <= 100 }).toEqual({
        path,
        fits: true,
      });
    }
  },
);

test("a group alone prints its help", async () => {
  expect(await helpOf([])).toBe(await helpOf(["--help"]));
  expect(await helpOf(["fleet"])).toBe(await helpOf(["fleet", "--help"]));
  expect(await helpOf(["fleet", "help", "start"])).toBe(await helpOf(["fleet", "start", "--help"]));
});

test("headings are bold where colour is allowed, and nothing else changes", async () => {
  using ctx = fakeContext({ io: { color: true } });
  await main(["fleet", "--help"], ctx);
  expect(ctx.stdout).toContain("\u001B[1mCommands\u001B[22m");
  expect(Bun.stripANSI(ctx.stdout)).toBe(await helpOf(["fleet", "--help"]));
});

afterAll(() => {
  const left = readdirSync(folder).filter((file) => !files.has(file));
  if (isUpdate) for (const file of left) rmSync(`${folder}/${file}`);
  else expect(left).toEqual([]);
});
