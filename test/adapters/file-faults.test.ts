// What the file system refuses must name the path and the cause, and leave nothing half-done behind. A full and a
// read-only disk are tiny tmpfs mounts in a mount namespace of their own (root, or user namespaces).
import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { files } from "../../src/adapters/files.ts";
import { outputOf } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";

test.each([
  ["read", (path: string) => files.readText(path), "illegal operation on a directory"],
  ["write", (path: string) => files.write(path, "x", 0o600), "illegal operation on a directory"],
  [
    "append to",
    (path: string) => files.append(path, "x", 0o600),
    "illegal operation on a directory",
  ],
])("a folder where a file should be: cannot %s", async (verb, call, words) => {
  using home = tempHome();
  const path = home.at("folder");
  mkdirSync(path);
  const error = await faultOf(call(path));
  expect(error).toMatchObject({ name: "AppError", message: `cannot ${verb} ${path}: ${words}` });
  expect(await files.list(home.path)).toEqual(["folder"]);
});

test("a file where a folder should be is named", async () => {
  using home = tempHome();
  const file = home.write("file", "");
  const messages = await Promise.all([
    faultOf(files.write(`${file}/below`, "x", 0o600)),
    faultOf(files.makeDir(file, 0o700)),
    faultOf(files.list(file)),
  ]);
  expect(messages.map((error) => error instanceof Error && error.message)).toEqual([
    expect.stringContaining(`cannot write ${file}/below: `),
    `cannot make the folder ${file}: file already exists`,
    `cannot list ${file}: not a directory`,
  ]);
});

test("a full disk: the path and the cause are named, the old file and no temporary one stay", async () => {
  using home = tempHome();
  const path = home.at("disk/file");
  const { message, hint, left, text } = await onTmpfs(home.at("disk"), {
    prepare: "echo old > file",
    write: { path, sizeBytes: 200_000 },
  });
  expect({ message, hint, left, text }).toEqual({
    message: `cannot write ${path}: no space left on device`,
    hint: `df -h ${home.at("disk")}`,
    left: ["file"],
    text: "old\n",
  });
});

test("a read-only disk is named", async () => {
  using home = tempHome();
  const path = home.at("disk/file");
  const { message, hint } = await onTmpfs(home.at("disk"), {
    prepare: "mount -o remount,ro .",
    write: { path, sizeBytes: 1 },
  });
  expect({ message, hint }).toEqual({
    message: `cannot write ${path}: read-only file system`,
    hint: `findmnt -T ${home.at("disk")}`,
  });
});

test("a folder that is not ours to write is named", async () => {
  using home = tempHome();
  mkdirSync(home.at("closed"), { mode: 0o500 });
  const path = home.at("closed/file");
  const { message, hint } = await writeElsewhere(withoutPrivilege(), { path, sizeBytes: 1 });
  expect({ message, hint }).toEqual({
    message: `cannot write ${path}: permission denied`,
    hint: `ls -ld ${home.at("closed")} ${path}`,
  });
});

interface Attempt {
  path: string;
  sizeBytes: number;
}

interface Outcome {
  message: string;
  hint: string;
  left: string[];
  text: string | undefined;
}

async function onTmpfs(
  folder: string,
  { prepare, write }: { prepare: string; write: Attempt },
): Promise<Outcome> {
  mkdirSync(folder);
  const script = `mount -t tmpfs -o size=64k tmpfs "$1" && cd "$1" && ${prepare} && cd / && shift && exec "$@"`;
  const unshare = ["unshare", "--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];
  return writeElsewhere([...unshare, "sh", "-c", script, "sh", folder], write);
}

/** Root may write everywhere, unless this capability is gone (capabilities(7)); nobody else has it. */
function withoutPrivilege(): string[] {
  if (process.getuid?.() !== 0) return [];
  return ["setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override"];
}

async function writeElsewhere(prefix: string[], { path, sizeBytes }: Attempt): Promise<Outcome> {
  const script = `
    import { dirname } from "node:path";
    const { files } = await import("${import.meta.dir}/../../src/adapters/files.ts");
    const error = await files.write("${path}", "x".repeat(${sizeBytes}), 0o600).catch((fault) => fault);
    const left = await files.list(dirname("${path}")).catch(() => []);
    const text = await files.readText("${path}").catch(() => undefined);
    process.stdout.write(JSON.stringify({ message: error?.message, hint: error?.hint, left, text }));`;
  return JSON.parse(await outputOf([...prefix, process.execPath, "-e", script]));
}

test("a lock file that cannot be made is named", async () => {
  using home = tempHome();
  const file = home.write("file", "");
  expect(await faultOf(files.tryLock(`${file}/lock`))).toMatchObject({
    name: "AppError",
    message: expect.stringContaining(`cannot lock ${file}/lock: `),
  });
});

function faultOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no fault",
    (error: unknown) => error,
  );
}
