// What doctor says of the programs that the shell scripts call.
import { mkdirSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import { neededTools, systemdTools, tools } from "../../../src/doctor/checks/tools.ts";
import { rest } from "../../support/fake-exec.ts";
import { sourceFiles } from "../../support/source-files.ts";
import { doctorContext, examine, real } from "../examine.ts";

const shell = ["/bin/sh", "-c", /[^]*/, rest] as const;

/** A call of a program: at the start of a line, or behind | ; & ( ! { or a word of the shell. */
function callOf(tool: string): RegExp {
  return new RegExp(`(^|[|;&({!]|\\b(do|then|else|if|while|until)) *${tool}(?= |$)`, "m");
}

describe("shell tools", () => {
  test("are all here, where the suite runs", async () => {
    using ctx = doctorContext();
    ctx.expectExec(shell, real());
    expect(await examine(ctx, tools)).toEqual({
      status: "ok",
      detail: `all ${Object.keys(neededTools).length} are there`,
      fix: "",
    });
    ctx.done();
  });

  test("that are missing are named, with the packages that have them", async () => {
    using ctx = doctorContext();
    const bin = ctx.home.at("bin");
    mkdirSync(bin);
    for (const tool of Object.keys(neededTools).filter(
      (name) => !["flock", "mkfifo", "tr"].includes(name),
    )) {
      symlinkSync(Bun.which(tool) ?? "", `${bin}/${tool}`);
    }
    ctx.expectExec(shell, real(bin));
    expect(await examine(ctx, tools)).toEqual({
      status: "problem",
      detail: "not on PATH=/usr/bin:/bin: flock, mkfifo, tr",
      fix: "apt-get install coreutils util-linux",
    });
  });

  test.each([
    {
      said: { stdout: "unfit grep -z (NUL separated lines)\nend\n" },
      answer: {
        status: "problem",
        detail: "does not work here: grep -z (NUL separated lines)",
        fix: "",
      },
    },
    {
      said: { exitCode: 127 },
      answer: { status: "warning", detail: "cannot tell: /bin/sh failed", fix: "" },
    },
    {
      said: { stdout: "" },
      answer: { status: "warning", detail: "cannot tell: /bin/sh failed", fix: "" },
    },
    {
      said: { signal: "SIGKILL", timedOut: true },
      answer: { status: "warning", detail: "cannot tell: /bin/sh failed", fix: "" },
    },
  ])("$answer.status: $answer.detail", async ({ said, answer }) => {
    using ctx = doctorContext();
    ctx.expectExec(shell, said);
    expect(await examine(ctx, tools)).toEqual(answer);
  });

  test("are looked for on the PATH of the units, with those of systemd", async () => {
    using ctx = doctorContext({ manager: "running" });
    ctx.home.write(
      ".config/systemd/user/mosaic-agent@.service",
      '[Service]\nEnvironment="PATH=/opt/%%d:/usr/bin"\n',
    );
    ctx.expectExec(shell, ({ argv, options }) => {
      expect(options.env?.["PATH"]).toBe("/opt/%d:/usr/bin");
      expect(argv).toContain("systemd-run");
      return { stdout: "missing systemd-run\nend\n" };
    });
    expect(await examine(ctx, tools)).toEqual({
      status: "problem",
      detail: "not on PATH=/opt/%d:/usr/bin: systemd-run",
      fix: "apt-get install systemd",
    });
    ctx.done();
  });

  test("hold every program that the scripts call", () => {
    const scripts = sourceFiles("framework/tools/**/*.sh").map(({ text }) =>
      text.replaceAll(/^\s*#.*$/gm, ""),
    );
    const usual =
      "awk basename cat chmod cksum cp cut date dd dirname env find flock grep head hostname id mkdir mkfifo mktemp mv od ps " +
      "readlink realpath rm sed sha256sum sleep sort stat stdbuf stty systemctl systemd-notify systemd-run tail tee " +
      "timeout tmux touch tr tty uname uniq wc whoami xargs";
    const called = usual
      .split(" ")
      .filter((tool) => scripts.some((text) => callOf(tool).test(text)));
    const known = { ...neededTools, ...systemdTools };
    expect(called).toEqual(Object.keys(known).toSorted());
  });
});
