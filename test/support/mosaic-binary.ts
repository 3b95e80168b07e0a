// dist/mosaic for tests that run the real thing: built when anything that goes into it changed since, and only
// once however many test processes ask at the same time.
import { readFileSync, statSync } from "node:fs";
import { binaryFile, inputsHash, inputsHashFile } from "../../build.ts";
import { tryLock } from "../../src/adapters/flock.ts";
import { eventually } from "./eventually.ts";
import { outputOf } from "./run-command.ts";

/** A build on a busy machine of two cores. */
const buildTimeoutMs = 120_000;

/** The absolute path of an executable that is up to date. Throws with the build's last words when it fails. */
export async function mosaicBinary(): Promise<string> {
  ready ??= buildIfStale();
  return await ready;
}

let ready: Promise<string> | undefined;

async function buildIfStale(): Promise<string> {
  if (isFresh()) return binaryFile;
  const lock = await eventually(() => tryLock(`${inputsHashFile}.lock`), {
    what: "another process's build of dist/mosaic",
    timeoutMs: buildTimeoutMs,
    intervalMs: 100,
  });
  try {
    // Whoever held the lock may just have built it.
    if (!isFresh()) await build();
  } finally {
    lock?.[Symbol.dispose]();
  }
  return binaryFile;
}

function isFresh(): boolean {
  try {
    return readFileSync(inputsHashFile, "utf8") === inputsHash() && statSync(binaryFile).isFile();
  } catch {
    // No build yet, or one that was not finished.
    return false;
  }
}

async function build(): Promise<void> {
  // A child, because Bun.build resolves against the folder and the settings of its process.
  await outputOf([process.execPath, "run", `${import.meta.dir}/../../build.ts`], {
    timeoutMs: buildTimeoutMs,
  });
}
