// Messages to a real pi in a real tmux, through agent-send.sh: what the model server got is what was sent.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { runtimes } from "../../src/domain/runtimes.ts";
import { screenOf, startAgentPane, waitForScreen } from "../support/agent-pane.ts";
import { installAgents } from "../support/agents.ts";
import { eventually } from "../support/eventually.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fake-model-server.ts";
import { messageTexts } from "../support/message-texts.ts";
import { piEnv, seedPiHome } from "../support/pi-home.ts";
import { runCommand } from "../support/run-command.ts";
import { sanitized } from "../support/sanitized.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";
import { startTmuxServer, type TmuxServer } from "../support/tmux-server.ts";

const script = `${import.meta.dir}/../../framework/tools/tmux/agent-send.sh`;

let server: TmuxServer;
let model: FakeModelServer;
let home: TempHome;
let bin: string;

beforeAll(async () => {
  ({ bin } = await installAgents());
  model = startFakeModelServer();
  home = tempHome();
  seedPiHome(home, model);
  server = await startTmuxServer("mosaic-t-pi");
  await server.tmux("set-option", "-g", "remain-on-exit", "on");
}, 660_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  model[Symbol.dispose]();
  home.remove();
});

/** A pi in a session of its own, with an empty composer. */
async function startPi(name: string, options: Record<string, string> = {}): Promise<void> {
  const env = { HOME: home.path, PATH: `${bin}:/usr/bin:/bin`, ...piEnv };
  const argv = ["env", ...Object.entries(env).map(([key, value]) => `${key}=${value}`), "pi"];
  await startAgentPane(server, { name, runtime: "pi", argv, options, ready: /fake-1$/m });
}

/** agent-send.sh: its exit code and result. */
async function send(name: string, id: string, text: string): Promise<string> {
  const argv = ["sh", script, "-L", server.socket, "-S", "test:op", "-i", id, "--to", name];
  const { exitCode, stdout, stderr } = await runCommand(argv, { env: server.env, stdin: text });
  return `${exitCode} ${stdout.trim()}${stderr}`;
}

/** The prompt with this id, as the model server got it. */
async function received(id: string): Promise<string> {
  return await eventually(
    () => model.requests.find(({ prompt }) => prompt.includes(`[mosaic ${id} from`))?.prompt ?? "",
    { what: `the model server to get ${id}`, timeoutMs: 20_000 },
  );
}

/** What pi makes of a prompt: a tab becomes four spaces, white space at its ends goes. */
function asPiSends(text: string): string {
  return sanitized(text).replaceAll("\t", "    ").trimEnd();
}

test("every kind of text arrives at pi's model exactly, but for what is documented", async () => {
  await startPi("exact");
  const sent: Record<string, string> = {};
  const got: Record<string, string> = {};
  for (const [index, [kind, text]] of Object.entries(messageTexts).entries()) {
    const result = await send("exact", `e${index}`, text);
    got[kind] = `${result}\n${await received(`e${index}`)}`;
    sent[kind] =
      `0 id=e${index} result=submitted\n[mosaic e${index} from test:op]\n${asPiSends(text)}`;
  }
  expect(got).toEqual(sent);
}, 120_000);

test("a pi in copy mode gets the message", async () => {
  await startPi("copying");
  await server.tmux("copy-mode", "-t", "=copying:");
  expect(await send("copying", "copy1", "qqq\nsecond")).toBe("0 id=copy1 result=submitted");
  expect(await received("copy1")).toBe("[mosaic copy1 from test:op]\nqqq\nsecond");
}, 30_000);

test("a working pi takes messages too, each one proven", async () => {
  await startPi("working");
  expect(await send("working", "w1", "[[sleep=1500]] first")).toBe("0 id=w1 result=submitted");
  await waitForScreen(server, { name: "working", shows: /Working/ });
  const more = [await send("working", "w2", "second"), await send("working", "w3", "a\nb")];
  expect(more).toEqual(["0 id=w2 result=submitted", "0 id=w3 result=submitted"]);
  expect(await screenOf(server, "working")).toContain("Working");
  expect([await received("w2"), await received("w3")]).toEqual([
    "[mosaic w2 from test:op]\nsecond",
    "[mosaic w3 from test:op]\na\nb",
  ]);
}, 60_000);

test("two senders at once reach pi as two messages", async () => {
  await startPi("shared");
  const both = await Promise.all([
    send("shared", "s1", "one\nmore"),
    send("shared", "s2", "two\nmore"),
  ]);
  expect(both).toEqual(["0 id=s1 result=submitted", "0 id=s2 result=submitted"]);
  expect([await received("s1"), await received("s2")]).toEqual([
    "[mosaic s1 from test:op]\none\nmore",
    "[mosaic s2 from test:op]\ntwo\nmore",
  ]);
}, 30_000);

test("a draft and a dialog of pi are refused", async () => {
  await startPi("drafting");
  const refusal =
    "send-message: drafting shows no empty composer: a draft, a question, or it is still starting\n";
  await server.tmux("send-keys", "-t", "=drafting:", "half a thought");
  await waitForScreen(server, { name: "drafting", shows: /half a thought/ });
  expect(await send("drafting", "d1", "hello")).toBe(`4 id=d1 result=refused${refusal}`);
  await server.tmux("send-keys", "-t", "=drafting:", "C-u", "/model", "Enter");
  await waitForScreen(server, { name: "drafting", shows: /Escape\/Ctrl\+C to cancel/ });
  expect(await send("drafting", "d2", "hello")).toBe(`4 id=d2 result=refused${refusal}`);
}, 30_000);

test("a pi that has left is exit 3, and the server lives on", async () => {
  await startPi("leaving");
  // Right after its start pi takes no command.
  await send("leaving", "l0", "hello");
  await received("l0");
  await server.tmux("send-keys", "-t", "=leaving:", "/quit", "Enter");
  // Asked of tmux, not read off the screen: its line about the dead pane was once missing for 5 s, why is not known.
  const isDead = ["display-message", "-p", "-t", "=leaving:", "#{pane_dead}"];
  await eventually(async () => (await server.tmux(...isDead)).stdout === "1\n", {
    what: "pi to end",
    timeoutMs: 20_000,
  });
  expect(await send("leaving", "l1", "hello")).toBe(
    "3 id=l1 result=not-runningsend-message: the process of leaving is dead\n",
  );
  expect((await server.tmux("has-session", "-t", "=main")).exitCode).toBe(0);
}, 30_000);

test("without data on its composer pi is delivered to and judged all the same", async () => {
  await startPi("unknown", { composer: "", question: "" });
  for (const [index, text] of ["short", "a\n\nb", messageTexts["5 KB"] ?? ""].entries()) {
    expect(await send("unknown", `u${index}`, text)).toBe(`0 id=u${index} result=submitted`);
    expect(await received(`u${index}`)).toBe(`[mosaic u${index} from test:op]\n${text}`);
  }
  expect(runtimes.pi.composerPattern).not.toBe("");
}, 30_000);
