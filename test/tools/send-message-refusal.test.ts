// send-message.sh where nothing may be typed: drafts, questions, and panes that are not the agent's.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { pressKeys, waitForScreen } from "../support/agent-pane.ts";
import { eventually } from "../support/eventually.ts";
import { outcome, submitted, type Sender, startSender } from "../support/sender.ts";
import { tempHome } from "../support/temp-home.ts";

let sender: Sender;
beforeAll(async () => {
  sender = await startSender("mosaic-t-sm-refusal");
});
afterAll(async () => {
  await sender[Symbol.asyncDispose]();
});

test("a person's draft is not glued to a message", async () => {
  await sender.canary("drafting");
  await pressKeys(sender.server, "drafting", "half a thought");
  await waitForScreen(sender.server, { name: "drafting", shows: /› half a thought/ });
  expect(outcome(await sender.send("drafting", "hello"))).toEqual({
    exitCode: 4,
    stderr:
      "send-message: drafting shows no empty composer: a draft, a question, or it is still starting\n",
  });
  await pressKeys(sender.server, "drafting", "C-u");
  expect(outcome(await sender.send("drafting", "hello"))).toEqual(submitted);
});

test("a permission question is never answered by a message", async () => {
  using dir = tempHome();
  const witness = `${dir.path}/approved`;
  await sender.canary("asking", ["--ask", "--witness", witness]);
  expect(outcome(await sender.send("asking", "do it"))).toEqual(submitted);
  await waitForScreen(sender.server, { name: "asking", shows: /❯ 1\. Yes/ });
  for (const text of ["yes", "1", "hello"]) {
    expect(outcome(await sender.send("asking", text))).toEqual({
      exitCode: 4,
      stderr: "send-message: asking asks a question: a message would answer it\n",
    });
  }
  expect(await Bun.file(witness).exists()).toBe(false);
  // The proof that this question is one: a person's Enter does approve it.
  await pressKeys(sender.server, "asking", "Enter");
  await eventually(() => Bun.file(witness).exists());
});

test("a question that opens between the text and its Enter is not answered either", async () => {
  using dir = tempHome();
  const witness = `${dir.path}/approved`;
  const args = ["--ask", "--witness", witness, "--work-ms", "700"];
  await sender.canary("opening", args, { enter_delay_ms: "2000" });
  await pressKeys(sender.server, "opening", "first", "Enter");
  await waitForScreen(sender.server, { name: "opening", shows: /\* working/ });
  const late = await sender.send("opening", "late", { args: ["-T", "1"] });
  expect(outcome(late)).toEqual({
    exitCode: 5,
    stderr:
      "send-message: opening opened a question while the text was typed: it stands there, not submitted\n",
  });
  await waitForScreen(sender.server, { name: "opening", shows: /❯ 1\. Yes/ });
  expect(await Bun.file(witness).exists()).toBe(false);
});

test("only the exact session counts, and only one of ours", async () => {
  await sender.canary("canary-10");
  expect((await sender.send("canary-1", "hello")).stderr).toBe(
    `send-message: no session canary-1 on socket ${sender.server.socket}\n`,
  );
  expect(outcome(await sender.send("main", "hello"))).toEqual({
    exitCode: 4,
    stderr: "send-message: the session main is not one of mosaic's\n",
  });
});

test("in a split window only a known pane is typed into", async () => {
  await sender.canary("split");
  const pane = (await sender.server.tmux("display-message", "-p", "-t", "=split:", "#{pane_id}"))
    .stdout;
  await sender.server.tmux("split-window", "-t", "=split:", "cat");
  expect((await sender.send("split", "hello")).exitCode).toBe(4);
  await sender.server.tmux("set-option", "-t", "=split:", "@mosaic_pane", pane.trim());
  expect(outcome(await sender.send("split", "hello"))).toEqual(submitted);
});
