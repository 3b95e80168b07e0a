// send-message.sh on a real tmux: what it types arrives exactly, and is proven.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { fingerprint } from "../../src/canary/answer.ts";
import { screenOf, startAgentPane, waitForScreen } from "../support/agent-pane.ts";
import { eventually } from "../support/eventually.ts";
import { messageTexts } from "../support/message-texts.ts";
import { sanitized } from "../support/sanitized.ts";
import { outcome, submitted, type Sender, startSender } from "../support/sender.ts";

let sender: Sender;
beforeAll(async () => {
  sender = await startSender("mosaic-t-sm");
});
afterAll(async () => {
  await sender[Symbol.asyncDispose]();
});

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);
test("every kind of text arrives at the canary exactly, but for what is documented", async () => {
  await sender.canary("exact");
  const arrived: Record<string, string> = {};
  const expected: Record<string, string> = {};
  for (const [kind, text] of Object.entries(messageTexts)) {
    const { bytes, digest } = fingerprint(sanitized(text));
    expected[kind] = `0 ${bytes} bytes, sha256 ${digest}`;
    const { exitCode } = await sender.send(
      "exact",
      `[mosaic ${fingerprint(kind).digest} from test:a]\n${text} `,
    );
    const number = Object.keys(arrived).length;
    const answer = await eventually(async () => {
      const screen = await screenOf(sender.server, "exact", 2000);
      return screen.match(/canary: .* sha256 \w+/g)?.[number] ?? "";
    });
    arrived[kind] = `${exitCode} ${answer.replace("canary: ", "")}`;
  }
  // The space that ends a message makes "newlines at the end" a part of the text: only the outermost ones go.
  expected["CR LF"] = `0 ${Object.values(fingerprint("a\nb\n\nc\n")).join(" bytes, sha256 ")}`;
  expect(arrived).toEqual(expected);
}, 60_000);

test("a pane in copy mode takes the message, and is not scrolled by it", async () => {
  await sender.canary("copying");
  for (const text of ["qqqq", "short ;", "x\ny"]) {
    await sender.server.tmux("copy-mode", "-t", "=copying:");
    expect(outcome(await sender.send("copying", text))).toEqual(submitted);
    await waitForScreen(sender.server, {
      name: "copying",
      shows: new RegExp(`sha256 ${fingerprint(text).digest}`),
    });
  }
});

test("a busy canary takes prompts into its queue, each one proven", async () => {
  await sender.canary("queueing", ["--work-ms", "400"]);
  for (const text of ["one", "two", "three"]) {
    expect(outcome(await sender.send("queueing", text))).toEqual(submitted);
  }
  await waitForScreen(sender.server, { name: "queueing", shows: /canary: .* · three/ });
});

test("without data on its composer a canary is delivered to and judged all the same", async () => {
  await sender.canary("unknown", [], { composer: "", question: "" });
  for (const text of ["short", "one\ntwo", lines(300).join("\n")]) {
    expect(outcome(await sender.send("unknown", text))).toEqual(submitted);
  }
  await sender.oddCanary("unknown-newline", "newline-enter", { composer: "", question: "" });
  expect((await sender.send("unknown-newline", "a\nb", { args: ["-T", "1"] })).exitCode).toBe(5);
});

test("programs that read lines are proven too", async () => {
  await startAgentPane(sender.server, {
    name: "cat",
    runtime: "command",
    argv: ["cat"],
    ready: /^/,
  });
  const bash = ["env", "PS1=$ ", "bash", "--norc"];
  await startAgentPane(sender.server, {
    name: "bash",
    runtime: "command",
    argv: bash,
    ready: /^\$$/m,
  });
  for (const name of ["cat", "bash"]) {
    for (const text of ["true", "true", ": one\n: two"]) {
      expect({ name, ...outcome(await sender.send(name, text)) }).toEqual({ name, ...submitted });
    }
  }
});

test("it works in the bare environment of a unit, without a locale", async () => {
  await sender.canary("bare");
  const text = "größer 日本語 🎉";
  const { TMUX_TMPDIR, PATH } = sender.server.env;
  expect(outcome(await sender.send("bare", text, { env: { TMUX_TMPDIR, PATH } }))).toEqual(
    submitted,
  );
  await waitForScreen(sender.server, {
    name: "bare",
    shows: new RegExp(`sha256 ${fingerprint(text).digest}`),
  });
});
