import { expect, test } from "bun:test";
import { version } from "../../src/version.ts";
import { mosaicBinary } from "./mosaic-binary.ts";
import { outputOf } from "./run-command.ts";

const buildTimeoutMs = 120_000;

test(
  "several test processes that ask at once get one executable that runs",
  async () => {
    const script = `
    const { mosaicBinary } = await import("${import.meta.dir}/mosaic-binary.ts");
    const { statSync } = await import("node:fs");
    const path = await mosaicBinary();
    process.stdout.write(JSON.stringify([path, statSync(path).ino]));`;
    const ask = () => outputOf([process.execPath, "-e", script], { timeoutMs: buildTimeoutMs });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(new Set(answers).size).toBe(1);
  },
  buildTimeoutMs,
);

test(
  "version and commit are baked in",
  async () => {
    const said = await outputOf([await mosaicBinary(), "--version"], { cwd: "/", env: {} });
    expect(said).toMatch(/^mosaic \S+ \((?:[0-9a-f]{12}|unknown)\)\n$/);
    expect(said).toStartWith(`mosaic ${version} (`);
  },
  buildTimeoutMs,
);
