import { describe, expect, test } from "bun:test";
import { main } from "../../src/main.ts";
import { eventually } from "../support/eventually.ts";
import { fakeContext, type FakeContext } from "../support/fake-context.ts";
import { rest } from "../support/fake-exec.ts";
import { runCommand } from "../support/run-command.ts";
import { startTmuxServer } from "../support/tmux-server.ts";

const roster = `version: 1
socket: mosaic-t
agents:
  - { name: agent-a, runtime: command, args: [cat], workdir: ~/ }
`;

const tmux = ["tmux", "-u", "-N", "-L", "mosaic-t"];

function withRoster(): FakeContext {
  const ctx = fakeContext();
  ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
  return ctx;
}

/** One look: tmux lists the session's pane, then prints it. */
function expectLook(
  ctx: FakeContext,
  lines: string[],
  { isDead = false, times = 1 }: { isDead?: boolean; times?: number } = {},
): void {
  for (let count = 0; count < times; count++) {
    ctx.expectExec([...tmux, "list-panes", rest], {
      stdout: `agent-a\t%1\t%1\t${Number(isDead)}\n`,
    });
    const stdout = lines.map((line) => `${line}\n`).join("");
    ctx.expectExec([...tmux, "capture-pane", rest], { stdout });
  }
}

describe("agent tail", () => {
  test("asks by exact target, and prints the last lines without the blanks below", async () => {
    using ctx = withRoster();
    const format = "#{@mosaic_agent}\t#{@mosaic_pane}\t#{pane_id}\t#{pane_dead}";
    ctx.expectExec([...tmux, "list-panes", "-s", "-t", "=agent-a:", "-F", format], {
      stdout: "agent-a\t%3\t%7\t1\nagent-a\t%3\t%3\t0\n",
    });
    ctx.expectExec([...tmux, "capture-pane", "-p", "-J", "-t", "=agent-a:.%3", "-S", "-2"], {
      stdout: "one\n\ntwo  \nthree\n \n\n",
    });
    expect(await main(["agent", "tail", "agent-a", "-n", "2"], ctx)).toBe(0);
    expect(ctx.stdout).toBe("two\nthree\n");
    ctx.done();
  });

  test("shows the last screen of an agent that ended, and says so", async () => {
    using ctx = withRoster();
    expectLook(ctx, ["bye"], { isDead: true });
    expect(await main(["agent", "tail", "agent-a"], ctx)).toBe(0);
    expect([ctx.stdout, ctx.stderr]).toEqual([
      "bye\n",
      "agent-a has ended; mosaic agent why agent-a says why\n",
    ]);
  });

  test.each([
    ["no session", { exitCode: 1, stderr: "can't find session: agent-a\n" }],
    ["the agent's pane is gone, a person's is left", { stdout: "agent-a\t%1\t%2\t0\n" }],
    ["no server", { exitCode: 1, stderr: "no server running on /tmp/tmux-0/mosaic-t\n" }],
    [
      "no socket",
      { exitCode: 1, stderr: "error connecting to /tmp/x (No such file or directory)\n" },
    ],
  ])("%s is exit code 3 with the commands that help", async (_, answer) => {
    using ctx = withRoster();
    ctx.expectExec([...tmux, rest], answer);
    expect(await main(["agent", "tail", "agent-a"], ctx)).toBe(3);
    expect(ctx.stderr).toBe(
      "mosaic: agent-a is not running\n  hint: mosaic fleet start agent-a\n  hint: mosaic agent why agent-a\n",
    );
  });

  test("a session of that name that we did not make is refused, and nothing of it is shown", async () => {
    using ctx = withRoster();
    ctx.expectExec([...tmux, rest], { stdout: "\t\t%1\t0\n" });
    expect(await main(["agent", "tail", "agent-a"], ctx)).toBe(4);
    expect([ctx.stdout, ctx.stderr]).toEqual([
      "",
      "mosaic: the session agent-a on tmux socket mosaic-t was not made by mosaic\n  hint: look at it with: tmux -L mosaic-t attach -t =agent-a\n",
    ]);
  });

  test("a name that is not in the roster runs nothing", async () => {
    using ctx = withRoster();
    expect(await main(["agent", "tail", "agent-b"], ctx)).toBe(2);
    expect(ctx.stderr).toContain("did you mean agent-a?");
    ctx.done();
  });

  test("a tmux that fails is told with its words", async () => {
    using ctx = withRoster();
    ctx.expectExec([...tmux, rest], { exitCode: 1, stderr: "protocol version mismatch\n" });
    expect(await main(["agent", "tail", "agent-a"], ctx)).toBe(1);
    expect(ctx.stderr).toContain("protocol version mismatch");
  });
});

describe("agent tail -f", () => {
  test("goes on with new lines and ends with the agent", async () => {
    using ctx = withRoster();
    expectLook(ctx, ["one", "two"]);
    expectLook(ctx, ["one", "two", "three"], { times: 6 });
    expectLook(ctx, ["one", "two", "three", "four"], { isDead: true });
    expect(await main(["agent", "tail", "agent-a", "-n1", "-f"], ctx)).toBe(0);
    expect(ctx.stdout).toBe("two\nthree\nfour\n");
    expect(ctx.stderr).toContain("agent-a has ended");
    ctx.done();
  });

  test("ends when the session goes away, with what was not told yet", async () => {
    using ctx = withRoster();
    expectLook(ctx, ["one"]);
    expectLook(ctx, ["one", "two"]);
    ctx.expectExec([...tmux, rest], { exitCode: 1, stderr: "can't find session: agent-a\n" });
    expect(await main(["agent", "tail", "agent-a", "-f"], ctx)).toBe(0);
    expect(ctx.stdout).toBe("one\ntwo\n");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s ends it with exit code %d", async (signal, code) => {
    using ctx = withRoster();
    expectLook(ctx, ["one"]);
    ctx.raise(signal);
    expect(await main(["agent", "tail", "agent-a", "-f"], ctx)).toBe(code);
  });

  test("a look that Ctrl-C took with it is an interruption, not a failure", async () => {
    using ctx = withRoster();
    expectLook(ctx, ["one"]);
    ctx.expectExec([...tmux, rest], { signal: "SIGINT" });
    expect(await main(["agent", "tail", "agent-a", "-f"], ctx)).toBe(130);
  });

  test("on a window that a person split it shows the agent's pane, not theirs", async () => {
    await using server = await startTmuxServer();
    using ctx = withRoster();
    await server.tmux("new-session", "-d", "-s", "agent-a", "-x", "80", "-y", "10", "cat");
    await server.tmux("set-option", "-t", "=agent-a:", "@mosaic_agent", "agent-a");
    await server.tmux("set-option", "-F", "-t", "=agent-a:", "@mosaic_pane", "#{pane_id}");
    await server.tmux("send-keys", "-t", "=agent-a:", "of the agent", "Enter");
    await server.tmux("split-window", "-b", "-t", "=agent-a:", "echo a secret of mine; exec cat");
    await server.tmux("new-window", "-t", "=agent-a:", "exec cat");
    ctx.allowExec([...tmux, rest], async ({ argv }) => runCommand(argv, { env: server.env }));
    const shown = await eventually(
      async () => {
        const before = ctx.stdout.length;
        expect(await main(["agent", "tail", "agent-a"], ctx)).toBe(0);
        return ctx.stdout.slice(before);
      },
      { until: (text) => text.includes("of the agent\nof the agent\n"), what: "the agent's lines" },
    );
    expect(shown).not.toContain("secret");
    // Its own pane gone, theirs is not the agent.
    const own = ["show-options", "-v", "-t", "=agent-a:", "@mosaic_pane"];
    await server.tmux("kill-pane", "-t", (await server.tmux(...own)).stdout.trim());
    expect(await main(["agent", "tail", "agent-a"], ctx)).toBe(3);
  }, 15_000);

  test("on a real pane: prints what comes, and Ctrl-C ends it with 130", async () => {
    await using server = await startTmuxServer();
    using ctx = withRoster();
    await server.tmux("new-session", "-d", "-s", "agent-a", "-x", "80", "-y", "10", "cat");
    await server.tmux("set-option", "-t", "=agent-a:", "@mosaic_agent", "agent-a");
    const program = [process.execPath, `${import.meta.dir}/../../src/main.ts`];
    const child = Bun.spawn([...program, "agent", "tail", "agent-a", "-f"], {
      env: {
        ...server.env,
        HOME: ctx.home.path,
        MOSAIC_HOME: undefined,
        XDG_CONFIG_HOME: undefined,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    let printed = "";
    const reading = (async () => {
      for await (const chunk of child.stdout) printed += new TextDecoder().decode(chunk);
    })();
    for (const line of ["first", "second"]) {
      await server.tmux("send-keys", "-t", "=agent-a:", line, "Enter");
      // cat shows what is typed, and then prints it.
      await eventually(() => printed.endsWith(`${line}\n${line}\n`), { what: printed });
    }
    child.kill("SIGINT");
    expect([await child.exited, await child.stderr.text()]).toEqual([130, ""]);
    await reading;
    expect(printed).toBe("first\nfirst\nsecond\nsecond\n");
  }, 15_000);
});
