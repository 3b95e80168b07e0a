// Whose server doctor finds on the roster's socket.
import { describe, expect, test } from "bun:test";
import { tmuxServer } from "../../../src/doctor/checks/tmux-server.ts";
import { doctorContext, examine } from "../examine.ts";

const one = "agents: [{ name: one, runtime: canary }]\n";

describe("tmux server", () => {
  const ask = ["tmux", "-u", "-N", "-L", "s1", "show-options", "-gqv", "@mosaic_home"];

  test.each([
    { said: { stdout: "HOME/.config/mosaic\n" }, status: "ok", detail: "ours, on socket s1" },
    {
      said: { exitCode: 1, stderr: "no server running on /tmp/tmux-1000/s1\n" },
      status: "ok",
      detail: "none on socket s1",
    },
    {
      said: {
        exitCode: 1,
        stderr: "error connecting to /tmp/tmux-1000/s1 (No such file or directory)\n",
      },
      status: "ok",
      detail: "none on socket s1",
    },
    {
      said: { exitCode: 1, stderr: "error connecting to /tmp/tmux-1000/s1 (Permission denied)\n" },
      status: "problem",
      detail: "cannot reach socket s1: error connecting to /tmp/tmux-1000/s1 (Permission denied)",
    },
    {
      said: { stdout: "\n" },
      status: "problem",
      detail:
        "the server on socket s1 was not started by mosaic; name another socket in the roster, or end that server",
    },
    {
      said: { stdout: "/home/other/.config/mosaic\n" },
      status: "problem",
      detail:
        "the server on socket s1 belongs to the fleet of /home/other/.config/mosaic; name another socket in the roster, or end that server",
    },
    {
      said: { signal: "SIGKILL", timedOut: true },
      status: "problem",
      detail: "the server on socket s1 gives no answer",
    },
    { said: { exitCode: 127 }, status: "warning", detail: "skipped: tmux is not installed" },
  ])("$status: $detail", async ({ said, status, detail }) => {
    using ctx = doctorContext({ roster: `socket: s1\n${one}` });
    const stdout = said.stdout?.replace("HOME", ctx.home.path) ?? "";
    ctx.expectExec(ask, { ...said, stdout });
    const answer = await examine(ctx, tmuxServer);
    const fix = status === "problem" ? "tmux -L s1 list-sessions" : "";
    expect(answer).toEqual({ status, detail, fix });
    ctx.done();
  });
});
