// send-message.sh, one sender at a time: who waits, who is told, and who loses a lock.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { fingerprint } from "../../src/canary/answer.ts";
import { waitForScreen } from "../support/agent-pane.ts";
import { runCommand } from "../support/run-command.ts";
import {
  outcome,
  sendMessageScript,
  submitted,
  type Sender,
  startSender,
} from "../support/sender.ts";
import { tempHome } from "../support/temp-home.ts";

let sender: Sender;
beforeAll(async () => {
  sender = await startSender("mosaic-t-sm-lock");
});
afterAll(async () => {
  await sender[Symbol.asyncDispose]();
});

test("two senders at once come one after the other", async () => {
  await sender.canary("shared");
  const both = await Promise.all([
    sender.send("shared", "from a\nmore"),
    sender.send("shared", "from b\nmore"),
  ]);
  expect(both.map(outcome)).toEqual([submitted, submitted]);
  for (const text of ["from a\nmore", "from b\nmore"]) {
    await waitForScreen(sender.server, {
      name: "shared",
      shows: new RegExp(`sha256 ${fingerprint(text).digest}`),
    });
  }
});

test("a pane that another sender holds is exit 75, and free again when that one is killed", async () => {
  await sender.canary("held");
  const socketPath = (
    await sender.server.tmux("display-message", "-p", "#{socket_path}")
  ).stdout.trim();
  const lock = `${socketPath}.held.lock`;
  const holder = Bun.spawn(["flock", lock, "-c", "echo held; exec cat"], {
    stdin: "pipe",
    stdout: "pipe",
  });
  await holder.stdout.getReader().read();
  const busy = await sender.send("held", "hello", { args: ["-T", "1"] });
  expect(outcome(busy)).toEqual({
    exitCode: 75,
    stderr: "send-message: another message is being typed into held\n",
  });
  await holder.stdin.end();
  await holder.exited;
  expect(outcome(await sender.send("held", "hello"))).toEqual(submitted);
});

test("without flock(1) the session holds the lock, and a dead sender loses it", async () => {
  await sender.canary("no-flock");
  using dir = tempHome();
  const programs = ["tmux", "awk", "cat", "grep", "sed", "sleep", "tail", "tr", "sh"];
  const links = programs.map((name) => `ln -s "$(command -v ${name})" ${dir.path}/${name}`);
  await runCommand(["sh", "-c", links.join(" && ")]);
  const env = { ...sender.server.env, PATH: dir.path };
  const sh = `${dir.path}/sh`;
  const sendWithout = (text: string) => {
    const argv = [sh, sendMessageScript, "-L", sender.server.socket, "-t", "no-flock", "-T", "1"];
    return runCommand(argv, { env, stdin: text });
  };
  const setHolder = (pid: number) =>
    sender.server.tmux("set-option", "-t", "=no-flock:", "@mosaic_sender", `${pid}`);
  expect(outcome(await sendWithout("one"))).toEqual(submitted);
  await setHolder(process.pid);
  expect((await sendWithout("two")).exitCode).toBe(75);
  const gone = Bun.spawn(["true"]);
  await gone.exited;
  await setHolder(gone.pid);
  const both = await Promise.all([sendWithout("three"), sendWithout("four")]);
  expect(both.map(outcome)).toEqual([submitted, submitted]);
  expect(
    (await sender.server.tmux("show-options", "-v", "-t", "=no-flock:", "@mosaic_sender")).stdout,
  ).toBe("");
});
