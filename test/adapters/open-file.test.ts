import { expect, test } from "bun:test";
import { chmodSync, linkSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { exec } from "../../src/adapters/exec.ts";
import { files } from "../../src/adapters/files.ts";
import type { OpenFile } from "../../src/context.ts";
import { eventually } from "../support/eventually.ts";
import { tempHome } from "../support/temp-home.ts";

async function opened(path: string, how: "new" | "existing"): Promise<OpenFile> {
  const file = await files.open(path, how);
  if (file === undefined) throw new Error(`${path} was not opened`);
  return file;
}

function faultOf(work: () => unknown): Promise<unknown> {
  return Promise.try(work).then(
    () => "no fault",
    (error: unknown) => error,
  );
}

test("a new file is private, empty, and made by one alone", async () => {
  using home = tempHome();
  const path = home.at("lock");
  const both = await Promise.all([files.open(path, "new"), files.open(path, "new")]);
  expect(both.filter((file) => file !== undefined)).toHaveLength(1);
  const { mode, size } = statSync(path);
  expect([mode & 0o7777, size]).toEqual([0o600, 0]);
  for (const file of both) file?.[Symbol.dispose]();
});

test("a new file takes no link for its place, wherever that leads", async () => {
  using home = tempHome();
  symlinkSync("nowhere", home.at("link"));
  expect(await files.open(home.at("link"), "new")).toBeUndefined();
  expect(await files.list(home.path)).toEqual(["link"]);
});

test("an existing file is opened as it is; one that is not there is none", async () => {
  using home = tempHome();
  const path = home.write("lock", "text");
  using file = await files.open(path, "existing");
  expect([file?.isAt(path), home.read("lock")]).toEqual([true, "text"]);
  expect(await files.open(home.at("other"), "existing")).toBeUndefined();
  expect(await files.open(home.at("no/such"), "existing")).toBeUndefined();
});

test.each([
  ["as it was", () => {}, true],
  ["renamed", (path: string) => renameSync(path, `${path}.old`), false],
  ["removed", (path: string) => rmSync(path), false],
  ["renamed away and back", backAndForth, true],
  ["behind a link", behindLink, true],
])("a file that is %s: that it is at its path is %p", async (_how, change, isAt) => {
  using home = tempHome();
  using file = await opened(home.at("lock"), "new");
  change(home.at("lock"));
  expect(file.isAt(home.at("lock"))).toBe(isAt);
});

test("a file of the same text in its place is another", async () => {
  using home = tempHome();
  const path = home.at("lock");
  using first = await opened(path, "new");
  first.write("text");
  renameSync(home.write("draft", "text"), path);
  using second = await opened(path, "existing");
  expect([first, second].map((file) => file.isAt(path))).toEqual([false, true]);
  linkSync(path, home.at("link"));
  expect(second.isAt(home.at("link"))).toBe(true);
});

test("what is written comes after what was", async () => {
  using home = tempHome();
  using file = await opened(home.at("lock"), "new");
  file.write("one\n");
  file.write("two\n");
  expect(home.read("lock")).toBe("one\ntwo\n");
});

test.each([0, 1, 1_767_225_600_123, Date.UTC(2100, 0, 1)])("it is touched to %i ms", async (at) => {
  using home = tempHome();
  using file = await opened(home.at("lock"), "new");
  file.touch(at);
  expect(Math.abs(file.modifiedAt() - at)).toBeLessThan(1);
  expect((await files.stat(home.at("lock")))?.modifiedAt).toBe(file.modifiedAt());
});

test("what is done to a file that was replaced is not done to the one in its place", async () => {
  using home = tempHome();
  const path = home.at("lock");
  using file = await opened(path, "new");
  renameSync(home.write("draft", "theirs"), path);
  const before = statSync(path).mtimeMs;
  file.write("ours");
  file.touch(1_000);
  expect([home.read("lock"), statSync(path).mtimeMs]).toEqual(["theirs", before]);
});

test("flock is one's alone until dispose; twice is fine", async () => {
  using home = tempHome();
  const path = home.at("lock");
  const first = await opened(path, "new");
  using second = await opened(path, "existing");
  expect([await first.flock(), await second.flock(), await first.flock()]).toEqual([
    "taken",
    "held",
    "taken",
  ]);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(await second.flock()).toBe("taken");
});

test("flock(1) of util-linux respects it, and it follows the file and not the path", async () => {
  using home = tempHome();
  const isFree = async (name: string) =>
    (await exec(["flock", "--nonblock", home.at(name), "true"])).exitCode === 0;
  using file = await opened(home.at("lock"), "new");
  await file.flock();
  expect(await isFree("lock")).toBe(false);
  renameSync(home.at("lock"), home.at("old"));
  home.write("lock", "");
  expect([await isFree("lock"), await isFree("old")]).toEqual([true, false]);
});

test("the flock of a holder that is killed is free", async () => {
  using home = tempHome();
  home.write("lock", "");
  const script = `
    const { files } = await import("${import.meta.dir}/../../src/adapters/files.ts");
    globalThis.file = await files.open("${home.at("lock")}", "existing");
    await Bun.write("${home.at("said")}", await globalThis.file.flock());
    setInterval(() => {}, 1000);`;
  const holder = Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "ignore", 2] });
  await eventually(() => home.read("said") === "taken");
  using file = await opened(home.at("lock"), "existing");
  expect(await file.flock()).toBe("held");
  holder.kill("SIGKILL");
  await holder.exited;
  expect(await file.flock()).toBe("taken");
});

test("a folder that is missing or a file is named", async () => {
  using home = tempHome();
  home.write("file", "");
  const [missing, below] = [home.at("no/such"), home.at("file/below")];
  expect([
    await faultOf(() => files.open(missing, "new")),
    await faultOf(() => files.open(below, "new")),
    await faultOf(() => files.open(home.path, "existing")),
  ]).toMatchObject([
    { name: "AppError", message: `cannot create ${missing}: no such file or directory` },
    { name: "AppError", message: `cannot create ${below}: not a directory` },
    { name: "AppError", message: expect.stringContaining(`cannot open ${home.path}: `) },
  ]);
});

test("a disk that is full, or a limit, is named", async () => {
  using home = tempHome();
  const path = home.at("lock");
  const script = `
    const { files } = await import("${import.meta.dir}/../../src/adapters/files.ts");
    process.on("SIGXFSZ", () => {});
    using file = await files.open("${path}", "new");
    try { file.write("x"); } catch (error) { process.stdout.write(error.name + ": " + error.message); }`;
  const limited = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", process.execPath, "-e", script];
  const { stdout } = await exec(limited);
  expect(stdout).toBe(`AppError: cannot write ${path}: file too large`);
});

test("what may not be written is named, and is not taken for missing", async () => {
  using home = tempHome();
  chmodSync(home.write("lock", ""), 0o000);
  const path = home.at("lock");
  const script = `
    const { files } = await import("${import.meta.dir}/../../src/adapters/files.ts");
    const fault = await files.open("${path}", "existing").catch((error) => error);
    process.stdout.write(fault.name + ": " + fault.message);`;
  // Root may open everything, unless this capability is gone (capabilities(7)).
  const bound = ["setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override"];
  const prefix = process.getuid?.() === 0 ? bound : [];
  const { stdout } = await exec([...prefix, process.execPath, "-e", script]);
  expect(stdout).toBe(`AppError: cannot open ${path}: permission denied`);
});

function backAndForth(path: string): void {
  renameSync(path, `${path}.old`);
  renameSync(`${path}.old`, path);
}

function behindLink(path: string): void {
  renameSync(path, `${path}.old`);
  symlinkSync(`${path}.old`, path);
}
