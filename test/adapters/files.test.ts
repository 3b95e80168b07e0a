import { expect, test } from "bun:test";
import { lstatSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { files } from "../../src/adapters/files.ts";
import { runCommand } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";

const modeOf = (path: string) => statSync(path).mode & 0o7777;

test("what was written is read back, as text and as bytes", async () => {
  using home = tempHome();
  const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 0, 255, 10]);
  await files.write(home.at("bytes"), bytes, 0o600);
  await files.write(home.at("text"), "ä€😀\n", 0o600);
  expect(await files.readBytes(home.at("bytes"))).toEqual(bytes);
  expect(await files.readText(home.at("text"))).toBe("ä€😀\n");
});

test("what is not there is undefined, or an empty list", async () => {
  using home = tempHome();
  home.write("file", "");
  const missing = home.at("no/such");
  expect(await files.readText(missing)).toBeUndefined();
  expect(await files.readBytes(missing)).toBeUndefined();
  expect(await files.stat(missing)).toBeUndefined();
  expect(await files.list(missing)).toEqual([]);
  expect(await files.isExecutable(missing)).toBe(false);
  expect(await files.readText(home.at("file/below"))).toBeUndefined();
});

test.each([0o600, 0o644, 0o700, 0o755])(
  "a file is made with mode %o, folders with 0700",
  async (mode) => {
    using home = tempHome();
    const path = home.at("a/b/file");
    await files.write(path, "x", mode);
    expect([modeOf(path), modeOf(home.at("a")), modeOf(home.at("a/b"))]).toEqual([
      mode,
      0o700,
      0o700,
    ]);
  },
);

test("a file that is replaced gets the new mode, and no temporary file stays", async () => {
  using home = tempHome();
  const path = home.write("file", "old", 0o644);
  await files.write(path, "new", 0o600);
  expect([home.read("file"), modeOf(path), readdirSync(home.path)]).toEqual([
    "new",
    0o600,
    ["file"],
  ]);
});

test("a reader sees the old file or the new one, never a part", async () => {
  using home = tempHome();
  const path = home.write("file", "a".repeat(100_000));
  const before = statSync(path).ino;
  await files.write(path, "b".repeat(100_000), 0o600);
  expect(statSync(path).ino).not.toBe(before);
});

test("a file that its owner keeps elsewhere stays a link", async () => {
  using home = tempHome();
  home.write("dotfiles/roster.yaml", "old");
  symlinkSync("dotfiles/roster.yaml", home.at("roster.yaml"));
  await files.write(home.at("roster.yaml"), "new", 0o600);
  expect(readlinkSync(home.at("roster.yaml"))).toBe("dotfiles/roster.yaml");
  expect(home.read("dotfiles/roster.yaml")).toBe("new");
});

test("a file that its owner links and has not made yet is made there; a link into no folder becomes a file", async () => {
  using home = tempHome();
  home.write("dotfiles/keep", "");
  symlinkSync("dotfiles/new.yaml", home.at("middle"));
  symlinkSync(home.at("middle"), home.at("link"));
  await files.write(home.at("link"), "x", 0o600);
  expect(readlinkSync(home.at("link"))).toBe(home.at("middle"));
  expect(home.read("dotfiles/new.yaml")).toBe("x");
  symlinkSync("no/such/folder", home.at("nowhere"));
  await files.write(home.at("nowhere"), "x", 0o600);
  expect(lstatSync(home.at("nowhere")).isFile()).toBe(true);
});

test("append makes the file with its mode and adds to it", async () => {
  using home = tempHome();
  const path = home.at("logs/log");
  await files.append(path, "one\n", 0o600);
  await files.append(path, "two\n", 0o600);
  expect([home.read("logs/log"), modeOf(path)]).toEqual(["one\ntwo\n", 0o600]);
});

test("making a folder twice is fine", async () => {
  using home = tempHome();
  await files.makeDir(home.at("a/b"), 0o700);
  await files.makeDir(home.at("a/b"), 0o700);
  expect(await files.stat(home.at("a/b"))).toMatchObject({ kind: "directory", mode: 0o700 });
});

test("remove takes a folder and its links, not what they lead to; twice is fine", async () => {
  using home = tempHome();
  home.write("kept/file", "");
  home.write("gone/file", "");
  symlinkSync("../kept", home.at("gone/link"));
  await files.remove(home.at("gone"));
  await files.remove(home.at("gone"));
  expect(await files.list(home.path)).toEqual(["kept"]);
  expect(await files.list(home.at("kept"))).toEqual(["file"]);
});

test("rename moves a file", async () => {
  using home = tempHome();
  home.write("from", "x");
  await files.rename(home.at("from"), home.at("to"));
  expect(await files.list(home.path)).toEqual(["to"]);
});

test("list is sorted and shows hidden names", async () => {
  using home = tempHome();
  for (const name of ["b", "a", ".c", "B"]) home.write(name, "");
  expect(await files.list(home.path)).toEqual([".c", "B", "a", "b"]);
});

test("stat follows no link", async () => {
  using home = tempHome();
  home.write("file", "12345", 0o640);
  symlinkSync("file", home.at("link"));
  const { mtimeMs } = lstatSync(home.at("file"));
  expect(await files.stat(home.at("file"))).toEqual({
    kind: "file",
    mode: 0o640,
    sizeBytes: 5,
    modifiedAt: mtimeMs,
    uid: process.getuid?.() ?? -1,
  });
  expect(await files.stat(home.at("link"))).toMatchObject({ kind: "symlink" });
  expect(await files.stat("/dev/null")).toMatchObject({ kind: "other" });
});

test("only a file with an x bit is executable", async () => {
  using home = tempHome();
  home.write("tool", "", 0o755);
  home.write("text", "", 0o644);
  mkdirSync(home.at("folder"));
  const names = ["tool", "text", "folder"];
  expect(await Promise.all(names.map((name) => files.isExecutable(home.at(name))))).toEqual([
    true,
    false,
    false,
  ]);
});

test("the umask narrows a mode, never the other way", async () => {
  using home = tempHome();
  const script = `
    const { files } = await import("${import.meta.dir}/../../src/adapters/files.ts");
    await files.write("${home.at("file")}", "x", 0o755);`;
  await runCommand(["sh", "-c", 'umask 077; exec "$@"', "sh", process.execPath, "-e", script]);
  expect(modeOf(home.at("file"))).toBe(0o700);
});
