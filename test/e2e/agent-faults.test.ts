// What breaks around the real agents: their model answers an error, a hook of the site's own has Claude Code go on, and the
// program that their hooks call is gone. The receipts and the state tell what is true.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, renameSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { type RealAgent, type RealFleet, realFleet } from "../support/real-fleet.ts";
import { runCommand } from "../support/run-command.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";

let own: TempHome;
let fleet: RealFleet;

/** While this file is there, the site's hook has Claude Code go on. */
const blockFile = (): string => own.at("block");

beforeAll(async () => {
  own = tempHome();
  copyFileSync(await mosaicBinary(), own.at("mosaic"));
  const feedback = "also this [[sleep=6000]] [[reply=second]]";
  const command = `[ -e ${blockFile()} ] || exit 0; rm ${blockFile()}; echo '${feedback}' >&2; exit 2`;
  const hooks = { Stop: [{ hooks: [{ type: "command", command }] }] };
  fleet = await realFleet(["pi", "claude", "codex", "opencode"], {
    self: [own.at("mosaic")],
    prepare: (dir) => dir.write("home/.claude/settings.json", JSON.stringify({ hooks })),
  });
}, 660_000);

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
  own.remove();
}, 60_000);

const slowMs = 120_000;

test(
  "Claude Code that a hook of the site has go on: its state is true, and its last words are the answer",
  async () => {
    await fleet.wait("claude");
    await Bun.write(blockFile(), "");
    const sent = await fleet.send("claude", "count [[reply=first]]", "--wait", "answered");
    expect([sent.status, sent.answer]).toEqual(["answered", "first"]);
    // It reports an end, and works on: its screen is believed when that report is some seconds old.
    await fleet.wait("claude", "working");
    await fleet.wait("claude");
    const end = await eventually(
      async () => {
        const message = await fleet.message(sent.id);
        return message.answer === "second" ? message : undefined;
      },
      { timeoutMs: 10_000, what: "the last words" },
    );
    expect(end?.receipts.at(-1)?.evidence).toContain("went on after a first end");
  },
  slowMs,
);

/** Of each: an error, and how the receipt names it. */
const errors: readonly [RealAgent, number, string][] = [
  ["pi", 401, "fake 401"],
  ["pi", 429, "fake 429"],
  ["pi", 529, "fake 529"],
  ["claude", 401, "authentication_failed"],
  ["claude", 429, "rate_limit"],
  ["claude", 529, "server_error"],
  ["codex", 401, "its screen shows: ■ unexpected status 401"],
  ["codex", 429, "429 Too Many Requests"],
  ["codex", 529, "unexpected status 529"],
  ["opencode", 401, "fake 401"],
];

test.each(errors)(
  "the model of %s answers %i: failed, and why",
  async (agent, code, words) => {
    await fleet.wait(agent);
    const sent = await fleet.send(agent, `please [[error=${code}]]`, "--wait", "answered");
    expect([sent.exitCode, sent.status, sent.answer]).toEqual([1, "failed", null]);
    const failed = sent.receipts.find(({ status }) => status === "failed");
    expect(failed?.evidence).toContain(words);
    expect(sent.stderr).toContain(`${agent} took message ${sent.id}, but it`);
  },
  slowMs,
);

test.each<RealAgent>(["pi", "claude", "codex", "opencode"])(
  "the program that the hooks of %s call is gone: it goes on, and the receipt says what its screen shows",
  async (agent) => {
    await fleet.wait(agent);
    renameSync(own.at("mosaic"), own.at("away"));
    try {
      const words = ["agent", "send", agent, "--wait", "accepted", "--timeout", "4s", "--json"];
      const argv = [await mosaicBinary(), ...words];
      const text = `${agent} goes on`;
      const sent = await runCommand(argv, { env: fleet.fleet.env, stdin: text });
      expect([sent.exitCode, JSON.parse(sent.stdout).status]).toEqual([5, "submitted"]);
      await eventually(() => fleet.model.requests.some(({ prompt }) => prompt.includes(text)), {
        timeoutMs: 20_000,
      });
    } finally {
      renameSync(own.at("away"), own.at("mosaic"));
    }
  },
  slowMs,
);

// The last one: it would try again for ever.
test(
  "the model of opencode answers 429, which it tries again: accepted, and working",
  async () => {
    await fleet.wait("opencode");
    const flags = ["--wait", "answered", "--timeout", "6s"];
    const sent = await fleet.send("opencode", "please [[error=429]]", ...flags);
    expect([sent.exitCode, sent.status]).toEqual([5, "accepted"]);
    await fleet.wait("opencode", "working");
    await eventually(async () => (await fleet.screen("opencode")).includes("fake 429 [retrying"), {
      timeoutMs: 20_000,
      what: "the retry on its screen",
    });
  },
  slowMs,
);
