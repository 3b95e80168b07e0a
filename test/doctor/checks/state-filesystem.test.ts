// What doctor says of FIFOs and locks in the state folder.
import { mkdirSync, readdirSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import { stateFilesystem } from "../../../src/doctor/checks/state-filesystem.ts";
import { rest } from "../../support/fake-exec.ts";
import { doctorContext, examine, real } from "../examine.ts";

const shell = ["/bin/sh", "-c", /[^]*/, rest] as const;

describe("state folder", () => {
  test("that is not there yet is tried where it would be made, and nothing is left", async () => {
    using ctx = doctorContext();
    ctx.expectExec(shell, real());
    expect(await examine(ctx, stateFilesystem)).toEqual({
      status: "ok",
      detail: "FIFOs and locks work in ~ (~/.local/state/mosaic is made when it is needed)",
      fix: "",
    });
    expect(readdirSync(ctx.home.path)).toEqual([]);
    ctx.done();
  });

  test("that is there is tried itself", async () => {
    using ctx = doctorContext();
    ctx.home.write(".local/state/mosaic/kept", "");
    ctx.expectExec(shell, real());
    expect(await examine(ctx, stateFilesystem)).toEqual({
      status: "ok",
      detail: "FIFOs and locks work in ~/.local/state/mosaic",
      fix: "",
    });
    expect(readdirSync(ctx.home.at(".local/state/mosaic"))).toEqual(["kept"]);
  });

  test.each([
    {
      said: {
        stdout: "mkfifo failed\n",
        stderr: "mkfifo: cannot create fifo 'fifo': Operation not supported\n",
      },
      status: "problem",
      detail:
        "mkfifo failed in ~/.local/state/mosaic\nmkfifo: cannot create fifo 'fifo': Operation not supported",
    },
    {
      said: { stdout: "flock let two in\n" },
      status: "problem",
      detail: "flock let two in in ~/.local/state/mosaic",
    },
    {
      said: { signal: "SIGKILL", timedOut: true },
      status: "problem",
      detail: "a FIFO or a lock blocks for ever in ~/.local/state/mosaic",
    },
    {
      said: { exitCode: 127, stderr: "/bin/sh: not found\n" },
      status: "warning",
      detail: "cannot try FIFOs and locks in ~/.local/state/mosaic: /bin/sh: not found",
    },
  ])("$status: $detail", async ({ said, status, detail }) => {
    using ctx = doctorContext();
    mkdirSync(ctx.home.at(".local/state/mosaic"), { recursive: true, mode: 0o700 });
    ctx.expectExec(shell, said);
    expect(await examine(ctx, stateFilesystem)).toMatchObject({ status, detail });
    expect(readdirSync(ctx.home.at(".local/state/mosaic"))).toEqual([]);
  });

  test("nothing is tried above the home folder", async () => {
    using ctx = doctorContext({ env: { HOME: "/nowhere/at/all" } });
    expect(await examine(ctx, stateFilesystem)).toMatchObject({
      status: "warning",
      detail: "cannot try FIFOs and locks: / is above the home folder /nowhere/at/all",
    });
    ctx.done();
  });
});
