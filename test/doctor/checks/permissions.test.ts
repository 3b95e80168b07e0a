// What doctor says of the modes and owners of our folders and secrets.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import { permissions } from "../../../src/doctor/checks/permissions.ts";
import { rest } from "../../support/fake-exec.ts";
import { doctorContext, examine, real, uid } from "../examine.ts";

const shell = ["/bin/sh", "-c", /[^]*/, rest] as const;
const config = ".config/mosaic";
const state = ".local/state/mosaic";

/** A folder of this mode below the home, whatever the umask. */
function folder(ctx: ReturnType<typeof doctorContext>, path: string, mode = 0o700): void {
  mkdirSync(ctx.home.at(path), { recursive: true, mode: 0o700 });
  chmodSync(ctx.home.at(path), mode);
}

describe("permissions", () => {
  test("of folders that are not there yet are fine where they can be made", async () => {
    using ctx = doctorContext();
    ctx.expectExec(shell, real());
    expect(await examine(ctx, permissions)).toEqual({
      status: "ok",
      detail: "~/.config/mosaic is not there yet, ~/.local/state/mosaic is not there yet",
      fix: "",
    });
    ctx.done();
  });

  test.each([
    {
      modes: [0o700, 0o700],
      status: "ok",
      detail: "~/.config/mosaic is ours alone, ~/.local/state/mosaic is ours alone",
      fix: "",
    },
    {
      modes: [0o755, 0o700],
      status: "warning",
      detail: "~/.config/mosaic has mode 0755: others can look into it",
      fix: "chmod 700 '~/.config/mosaic'",
    },
    {
      modes: [0o700, 0o770],
      status: "problem",
      detail: "~/.local/state/mosaic has mode 0770: others can change what is in it",
      fix: "chmod 700 '~/.local/state/mosaic'",
    },
    {
      modes: [0o500, 0o777],
      status: "problem",
      detail:
        "~/.config/mosaic has mode 0500: it is closed to ourselves\n~/.local/state/mosaic has mode 0777: others can change what is in it",
      fix: "chmod 700 '~/.config/mosaic'\nchmod 700 '~/.local/state/mosaic'",
    },
  ])("$modes: $status", async ({ modes, ...answer }) => {
    using ctx = doctorContext();
    folder(ctx, config, modes[0]);
    folder(ctx, state, modes[1]);
    ctx.expectExec(shell);
    expect(await examine(ctx, permissions)).toEqual(answer);
    ctx.done();
  });

  test("of somebody else's folder", async () => {
    using ctx = doctorContext({ host: { uid: uid + 1 } });
    folder(ctx, config);
    ctx.expectExec(shell);
    expect(await examine(ctx, permissions)).toEqual({
      status: "problem",
      detail: `~/.config/mosaic belongs to user ${uid}, not to us (user ${uid + 1})`,
      fix: `sudo chown -R ${uid + 1} '~/.config/mosaic'`,
    });
  });

  test("a folder that cannot be written to, as the shell sees it", async () => {
    using ctx = doctorContext();
    folder(ctx, config);
    ctx.expectExec(shell, ({ argv }) => {
      expect(argv.slice(3)).toEqual(["sh", ctx.home.at(config), ctx.home.path]);
      return { stdout: `${ctx.home.path}\n` };
    });
    expect(await examine(ctx, permissions)).toMatchObject({
      status: "problem",
      detail: "~ is not writable for us",
    });
  });

  test("a file in the place of a folder", async () => {
    using ctx = doctorContext();
    ctx.home.write(config, "");
    ctx.expectExec(shell);
    expect(await examine(ctx, permissions)).toMatchObject({
      status: "problem",
      detail: "~/.config/mosaic is not a folder",
    });
  });

  test("a linked folder is as good as any", async () => {
    using ctx = doctorContext();
    folder(ctx, "elsewhere");
    folder(ctx, ".config");
    symlinkSync(ctx.home.at("elsewhere"), ctx.home.at(config));
    ctx.expectExec(shell, real());
    expect(await examine(ctx, permissions)).toMatchObject({ status: "ok" });
  });

  test("secrets beside the roster that no agent names must be ours alone too", async () => {
    using ctx = doctorContext({
      roster: "agents: [{ name: one, runtime: canary, envFile: ~/.config/mosaic/fleet/one.env }]\n",
    });
    for (const name of ["one.env", "old.env", "notes.txt"]) {
      writeFileSync(ctx.home.at(`${config}/fleet/${name}`), "");
      chmodSync(ctx.home.at(`${config}/fleet/${name}`), 0o644);
    }
    ctx.expectExec(shell);
    expect(await examine(ctx, permissions)).toEqual({
      status: "problem",
      detail:
        "~/.config/mosaic/fleet/old.env has mode 0644: others can read or change the secrets in it",
      fix: "chmod 600 '~/.config/mosaic/fleet/old.env'",
    });
  });
});
