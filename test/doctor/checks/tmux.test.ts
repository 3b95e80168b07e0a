// What doctor says of the home folder and of tmux.
import { describe, expect, test } from "bun:test";
import { home } from "../../../src/doctor/checks/home.ts";
import { judgeVersion, tmux } from "../../../src/doctor/checks/tmux.ts";
import { doctorContext, examine, uid } from "../examine.ts";

describe("home folder", () => {
  test.each([
    { env: {}, answer: { status: "ok", detail: "~", fix: "" } },
    {
      env: { HOME: undefined },
      answer: {
        status: "problem",
        detail: "HOME is not set, so there is no place for the configuration",
      },
    },
    {
      env: { HOME: "/nowhere/at/all" },
      answer: { status: "problem", detail: "HOME names /nowhere/at/all, which is no folder" },
    },
    {
      env: { HOME: "relative" },
      answer: { status: "problem", detail: 'HOME must be an absolute path, not "relative"' },
    },
  ])("with $env: $answer.status", async ({ env, answer }) => {
    using ctx = doctorContext({ env });
    expect(await examine(ctx, home)).toMatchObject(answer);
  });

  test("of somebody else, as sudo leaves it, is a warning", async () => {
    using ctx = doctorContext({ host: { uid: uid + 1 } });
    expect(await examine(ctx, home)).toMatchObject({
      status: "warning",
      detail: `~ belongs to user ${uid}, and mosaic runs as user ${uid + 1}`,
    });
  });
});

describe("tmux", () => {
  test.each([
    ["3.2", "ok"],
    ["3.2a", "ok"],
    ["3.3a", "ok"],
    ["next-3.5", "ok"],
    ["4.0", "ok"],
    ["10.0", "ok"],
    ["3.1c", "problem"],
    ["2.9a", "problem"],
    ["1.8", "problem"],
    ["openbsd-7.4", "warning"],
    ["master", "warning"],
    ["", "warning"],
  ] as const)("%p is %s", (version, status) => {
    expect(judgeVersion(version).status).toBe(status);
  });

  test.each([
    { said: { stdout: "tmux 3.4\n" }, answer: { status: "ok", detail: "3.4", fix: "" } },
    {
      said: { stdout: "tmux 3.0a\n" },
      answer: {
        status: "problem",
        detail: "3.0a is too old: mosaic needs 3.2 or newer (tmux -N, new-session -e)",
        fix: "apt-get install tmux",
      },
    },
    {
      said: { exitCode: 127 },
      answer: { status: "problem", detail: "tmux is not installed", fix: "apt-get install tmux" },
    },
    {
      said: { exitCode: 1 },
      answer: { status: "problem", detail: "tmux does not run: tmux -V failed", fix: "tmux -V" },
    },
  ])("says $answer.detail", async ({ said, answer }) => {
    using ctx = doctorContext();
    ctx.expectExec(["tmux", "-V"], said);
    expect(await examine(ctx, tmux)).toEqual(answer);
    ctx.done();
  });
});
