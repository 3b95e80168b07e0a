// send-message.sh against programs that die or do not do as they should: what it does not claim.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startAgentPane, waitForScreen } from "../support/agent-pane.ts";
import { eventually } from "../support/eventually.ts";
import { outcome, submitted, type Sender, startSender } from "../support/sender.ts";
import { tempHome } from "../support/temp-home.ts";

let sender: Sender;
beforeAll(async () => {
  sender = await startSender("mosaic-t-sm-fault");
});
afterAll(async () => {
  await sender[Symbol.asyncDispose]();
});

test("a dead pane is exit 3, and the server with everybody else lives on", async () => {
  await startAgentPane(sender.server, {
    name: "gone",
    runtime: "command",
    argv: ["sh", "-c", "echo ready; read -r line"],
    ready: /ready/,
  });
  await sender.server.tmux("send-keys", "-t", "=gone:", "Enter");
  // tmux 3.3a does not always notice the end of a child before the end of another one.
  await eventually(
    async () => {
      await sender.server.tmux("run-shell", "true");
      return (await sender.server.tmux("display-message", "-p", "-t", "=gone:", "#{pane_dead}"))
        .stdout;
    },
    { until: (dead) => dead === "1\n", what: "the pane to be dead" },
  );
  expect(outcome(await sender.send("gone", "hello"))).toEqual({
    exitCode: 3,
    stderr: "send-message: the process of gone is dead\n",
  });
  expect((await sender.server.tmux("has-session", "-t", "=main")).exitCode).toBe(0);
});

test("a pane that dies right before the paste does not take the server with it", async () => {
  await sender.canary("dying");
  using dir = tempHome();
  // Stands in for tmux: kills the pane's process and waits for tmux to notice, then does what was asked.
  const shim = `#!/bin/sh
case "$*" in *load-buffer*)
  "$TMUX_REAL" -L ${sender.server.socket} send-keys -t =dying: /exit Enter
  until [ "$("$TMUX_REAL" -L ${sender.server.socket} display-message -p -t =dying: '#{pane_dead}')" = 1 ]; do sleep 0.01; done
esac
exec "$TMUX_REAL" "$@"
`;
  dir.write("tmux", shim, 0o755);
  const env = {
    ...sender.server.env,
    PATH: `${dir.path}:${process.env["PATH"]}`,
    TMUX_REAL: Bun.which("tmux") ?? "",
  };
  expect(outcome(await sender.send("dying", "hello", { env }))).toEqual({
    exitCode: 3,
    stderr: "send-message: the process of dying is dead\n",
  });
  expect((await sender.server.tmux("has-session", "-t", "=main")).exitCode).toBe(0);
  expect((await sender.server.tmux("list-buffers")).stdout).toBe("");
});

test("a program that never shows the text is exit 6", async () => {
  await sender.oddCanary("mute", "mute");
  const { exitCode, stderr } = await sender.send("mute", "hello", { args: ["-T", "1"] });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 6,
    stderr: "send-message: the text was typed into mute, but never seen there\n",
  });
});

test.each(["swallow-enter", "newline-enter"])(
  "a program that takes the text but not the Enter is exit 5: %s",
  async (fault) => {
    await sender.oddCanary(fault, fault, { second_enter: "1" });
    const sent = await sender.send(fault, "hello", { args: ["-T", "1"] });
    expect(outcome(sent)).toEqual({
      exitCode: 5,
      stderr: `send-message: the text was typed into ${fault}, but it still stands in the composer\n`,
    });
  },
);

test("a lost Enter is pressed once more only where that is known to be right", async () => {
  await sender.oddCanary("loser", "lose-enter", { second_enter: "1" });
  expect(outcome(await sender.send("loser", "hello"))).toEqual(submitted);
  await waitForScreen(sender.server, { name: "loser", shows: /canary: 5 bytes/ });
  await sender.oddCanary("loser-once", "lose-enter");
  expect((await sender.send("loser-once", "hello", { args: ["-T", "1"] })).exitCode).toBe(5);
});

test("a program that reads lines, and dies of one, has taken it: exit 5, so that it is not typed again", async () => {
  using dir = tempHome();
  const take = `echo "$line" >>${dir.path}/got; [ "$line" != stop ] || exit 7`;
  await startAgentPane(sender.server, {
    name: "reader",
    runtime: "command",
    argv: ["sh", "-c", `stty -echo; echo ready; while read -r line; do ${take}; done`],
    ready: /ready/,
  });
  const sent = outcome(await sender.send("reader", "first\nstop\nthird", { args: ["-T", "2"] }));
  expect([sent, dir.read("got")]).toEqual([
    {
      exitCode: 5,
      stderr: "send-message: the process of reader is dead: it may have taken the text\n",
    },
    "first\nstop\n",
  ]);
});
