// What doctor says of the folders in which sockets are made.
import { chmodSync, mkdirSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import { socketDir } from "../../../src/doctor/checks/socket-dir.ts";
import { doctorContext, examine, uid } from "../examine.ts";

/** A folder of this mode below the home, whatever the umask. */
function folder(ctx: ReturnType<typeof doctorContext>, path: string, mode = 0o700): void {
  mkdirSync(ctx.home.at(path), { recursive: true, mode: 0o700 });
  chmodSync(ctx.home.at(path), mode);
}

/** XDG_RUNTIME_DIR and TMUX_TMPDIR are there, and what is in them is not yet. */
function context(prepare: (ctx: ReturnType<typeof doctorContext>) => void = () => {}, id = uid) {
  const ctx = doctorContext({
    host: { uid: id },
    roster: "socket: s1\nagents: [{ name: one, runtime: canary }]\n",
  });
  folder(ctx, "run");
  folder(ctx, "tmux");
  Object.assign(ctx.env, { TMUX_TMPDIR: ctx.home.at("tmux") });
  prepare(ctx);
  return ctx;
}

describe("socket folders", () => {
  const tmux = `tmux/tmux-${uid}`;

  const modes: { path: string; mode: number; status: string }[] = [
    { path: tmux, mode: 0o700, status: "ok" },
    { path: tmux, mode: 0o770, status: "warning" },
    { path: tmux, mode: 0o701, status: "problem" },
    { path: "run", mode: 0o755, status: "problem" },
    { path: "run/mosaic", mode: 0o700, status: "ok" },
    { path: "run/mosaic", mode: 0o750, status: "problem" },
  ];
  test.each(modes)("$path of mode $mode: $status", async ({ path, mode, status }) => {
    using ctx = context((it) => folder(it, path, mode));
    const answer = await examine(ctx, socketDir);
    expect(answer.status).toBe(status);
    expect(answer.fix).toBe(status === "ok" ? "" : `chmod 700 '~/${path}'`);
  });

  test("of somebody else, as su leaves them", async () => {
    using ctx = context(undefined, uid + 1);
    expect(await examine(ctx, socketDir)).toEqual({
      status: "problem",
      detail: `XDG_RUNTIME_DIR=~/run belongs to user ${uid}, and mosaic runs as user ${uid + 1}`,
      fix: "unset XDG_RUNTIME_DIR",
    });
  });

  test.each([
    {
      env: { XDG_RUNTIME_DIR: "/nowhere/run" },
      status: "problem",
      detail: "XDG_RUNTIME_DIR=/nowhere/run is not there",
    },
    {
      env: { XDG_RUNTIME_DIR: "run" },
      status: "warning",
      detail: "XDG_RUNTIME_DIR=run is not absolute, so it is not used",
    },
    {
      env: { XDG_RUNTIME_DIR: undefined },
      status: "ok",
      detail: `~/tmux/tmux-${uid} and ~/.local/state/mosaic`,
    },
    {
      env: { TMUX_TMPDIR: "/nowhere/tmux" },
      status: "problem",
      detail:
        "TMUX_TMPDIR=/nowhere/tmux is not there: tmux uses /tmp until it is, and would then lose sight of the fleet",
    },
    {
      env: { TMUX_TMPDIR: "/etc/hosts" },
      status: "problem",
      detail: "TMUX_TMPDIR=/etc/hosts is not a folder",
    },
  ])("with $env: $status", async ({ env, status, detail }) => {
    using ctx = context((it) => Object.assign(it.env, env));
    const answer = await examine(ctx, socketDir);
    expect(answer).toMatchObject({ status });
    expect(answer.detail.split("\n")).toContain(detail);
  });

  test("too deep for a unix socket", async () => {
    using ctx = context((it) => {
      const deep = it.home.at("d".repeat(100));
      mkdirSync(deep);
      Object.assign(it.env, { TMUX_TMPDIR: deep });
    });
    const answer = await examine(ctx, socketDir);
    expect(answer).toMatchObject({
      status: "problem",
      fix: "export TMUX_TMPDIR=/a/shorter/folder",
    });
    expect(answer.detail).toMatch(
      /^the socket's path has \d+ bytes and may have 107: ~\/d+\/tmux-\d+\/s1$/,
    );
  });
});
