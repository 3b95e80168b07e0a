import { describe, expect, test } from "bun:test";
import { main } from "../../src/main.ts";
import { fakeContext, type FakeContext } from "../support/fake-context.ts";
import { rest } from "../support/fake-exec.ts";
import { startTmuxServer } from "../support/tmux-server.ts";

const roster = `version: 1
socket: mosaic-t
agents:
  - { name: agent-a, runtime: command, args: [cat], workdir: ~/ }
`;

const tmux = ["tmux", "-u", "-N", "-L", "mosaic-t"];
const attach = ["env", "-u", "TMUX", "-u", "TMUX_PANE", ...tmux, "attach-session"];

function atTerminal(isTty = true): FakeContext {
  const ctx = fakeContext({ io: { stdinIsTty: isTty, stdoutIsTty: isTty } });
  ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
  return ctx;
}

describe("agent attach", () => {
  test.each([
    [[], []],
    [["--read-only"], ["-r"]],
    [["-r"], ["-r"]],
  ])(
    "%j puts the terminal on the exact session, also from inside another tmux",
    async (flags, options) => {
      using ctx = atTerminal();
      ctx.expectExec([...tmux, "list-panes", rest], { stdout: "agent-a\t%1\t%1\t0\n" });
      ctx.expectExec([...tmux, "capture-pane", rest]);
      ctx.expectInteractive([...attach, ...options, "-t", "=agent-a:.%1"]);
      expect(await main(["agent", "attach", "agent-a", ...flags], ctx)).toBe(0);
      ctx.done();
    },
  );

  test.each([
    ["no session", 3, { exitCode: 1, stderr: "can't find session: agent-a\n" }],
    ["an ended agent", 3, { stdout: "agent-a\t%1\t%1\t1\n" }],
    ["a session that is not ours", 4, { stdout: "\t\t%1\t0\n" }],
  ])("%s is exit code %d and attaches to nothing", async (_, code, answer) => {
    using ctx = atTerminal();
    ctx.expectExec([...tmux, rest], answer);
    ctx.allowExec([...tmux, "capture-pane", rest]);
    expect(await main(["agent", "attach", "agent-a"], ctx)).toBe(code);
    expect(ctx.stderr).toContain("  hint: ");
    ctx.done();
  });

  test("without a terminal it names the command that needs none", async () => {
    using ctx = atTerminal(false);
    expect(await main(["agent", "attach", "agent-a"], ctx)).toBe(2);
    expect(ctx.stderr).toBe("mosaic: attach needs a terminal\n  hint: mosaic agent tail agent-a\n");
    ctx.done();
  });

  test("a session lost on the way is a failure", async () => {
    using ctx = atTerminal();
    ctx.expectExec([...tmux, "list-panes", rest], { stdout: "agent-a\t%1\t%1\t0\n" });
    ctx.expectExec([...tmux, "capture-pane", rest]);
    ctx.expectInteractive([...attach, rest], 1);
    expect(await main(["agent", "attach", "agent-a"], ctx)).toBe(1);
  });
});

test("on a real terminal inside another tmux: it shows the agent, and detaching is success", async () => {
  await using server = await startTmuxServer();
  using ctx = atTerminal();
  await server.tmux("new-session", "-d", "-s", "agent-a", "echo agent a is here; exec cat");
  await server.tmux("set-option", "-t", "=agent-a:", "@mosaic_agent", "agent-a");
  const program = [process.execPath, `${import.meta.dir}/../../src/main.ts`];
  let screen = "";
  const child = Bun.spawn([...program, "agent", "attach", "agent-a"], {
    env: {
      ...server.env,
      HOME: ctx.home.path,
      MOSAIC_HOME: undefined,
      XDG_CONFIG_HOME: undefined,
      TERM: "xterm",
      TMUX: "/nowhere,1,0",
    },
    terminal: {
      data(terminal, bytes) {
        screen += new TextDecoder().decode(bytes);
        if (screen.includes("agent a is here")) terminal.write("\u0002d");
      },
    },
  });
  expect([await child.exited, screen.includes("agent a is here")]).toEqual([0, true]);
}, 15_000);
