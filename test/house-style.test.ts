// What every file of the repository keeps to, whatever it is about (ARCHITECTURE.md names the rules for people).
import { expect, test } from "bun:test";
import { codeOf, repositoryRoot, sourceFiles } from "./support/source-files.ts";

const scripts = ["src/**/*.ts", "test/**/*.ts", "release/**/*.ts", "*.ts"].flatMap(sourceFiles);

test("a TypeScript file opens with a comment that says what it is", () => {
  // A test file is excused: it stands at the path of what it tests.
  const named = scripts.filter((file) => !file.path.endsWith(".test.ts"));
  const silent = named.filter((file) => !/^(#!.*\n)?\/\/ \S/.test(file.text));
  expect(silent.map((file) => file.path)).toEqual([]);
});

test("a file over 200 lines says on top why: `Over 200 lines because …`", () => {
  const long = scripts.filter(
    ({ text }) =>
      text.split("\n").length > 201 && !text.split("\n\n", 1)[0]?.includes("ver 200 lines"),
  );
  expect(long.map((file) => file.path)).toEqual([]);
});

test("no file names a folder of one machine or a registry host", () => {
  // A reader elsewhere has neither; and the lock file must install from whatever registry npm is set to.
  const [, top = ""] = repositoryRoot.split("/");
  const isUsual = "bin etc home opt root run srv tmp usr var".split(" ").includes(top);
  // Not where it goes on from something else: `../../src/` names no folder of a checkout below /src.
  const machine = new RegExp(`(?<![\\w.~})])${isUsual ? repositoryRoot : `/${top}`}/`);
  const homes = /(?<!bunfs)\/root\/|\/Users\/\w/;
  const hosts = /registry\.[a-z0-9-]+\.[a-z]+|npm\.pkg\./;
  const found = sourceFiles("**/*")
    .filter(({ path }) => path !== "test/house-style.test.ts")
    .flatMap(({ path, text }) =>
      text
        .split("\n")
        .filter((line) => homes.test(line) || hosts.test(line) || machine.test(line))
        .map((line) => `${path}: ${line.trim().slice(0, 120)}`),
    );
  expect(found).toEqual([]);
});

test("no test is left out: neither only, nor skip, nor todo", () => {
  const marked = /\b(test|describe|it)\.(only|skip|todo)\b|\.(skip|todo|only)If\(/;
  const tests = scripts.filter(({ path }) => path.startsWith("test/"));
  const found = tests.filter((file) => marked.test(codeOf(file)));
  expect(found.map((file) => file.path)).toEqual([]);
});
