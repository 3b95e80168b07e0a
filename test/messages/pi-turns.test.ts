// Which turn our extension of pi names. pi 0.87.1 begins anew (agent_start) within one run: after a fault of the model that it
// tries again, and after it has compacted its conversation (dist/core/agent-session.js, _runAgentPrompt).
import { expect, test } from "bun:test";
import { parseReport } from "../../src/domain/agent-report.ts";
import { claimMessage } from "../../src/store/claims.ts";
import { findMessage } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { addReport } from "../../src/store/reports.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";
import { runCommand } from "../support/run-command.ts";

const host = `${import.meta.dir}/../support/pi-events.ts`;

const asks = (id: string) => [
  "message_end",
  { message: { role: "user", content: `[mosaic ${id} from host:operator]\nhello ` } },
];
const says = (text: string, fault?: string) => [
  "message_end",
  {
    message: {
      role: "assistant",
      content: [{ type: "text", text }],
      ...(fault === undefined ? {} : { stopReason: "error", errorMessage: fault }),
    },
  },
];
const begins = ["agent_start"];
const settles = ["agent_settled"];

test.each([
  [
    "is steered into it after a fault that pi tries again",
    [begins, asks("a"), says("", "529"), begins, asks("b"), says("done"), settles],
    { a: ["answered", "done"], b: ["answered", "done"] },
  ],
  [
    "comes behind a run with another one",
    [begins, asks("a"), says("first"), settles, begins, asks("b"), says("done"), settles],
    { a: ["answered", "first"], b: ["answered", "done"] },
  ],
])("a message that %s", async (_, events, wanted) => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const kept = ctx.home.at("reports");
  const bin = ctx.home.write(
    "bin",
    `#!/bin/sh\n{ printf '%s ' "$3"; cat; echo; } >>${kept}\n`,
    0o755,
  );
  const run = { agent: "lead", instance: "i1" };
  const env = { MOSAIC_BIN: bin, MOSAIC_AGENT: run.agent, MOSAIC_INSTANCE: run.instance };
  const done = await runCommand([process.execPath, "run", host], {
    env: { PATH: "/usr/bin:/bin", HOME: ctx.home.path, MOSAIC_HOOK_STATE: ctx.home.path, ...env },
    stdin: JSON.stringify(events),
    timeoutMs: 20_000,
  });
  expect([done.exitCode, done.stderr]).toEqual([0, ""]);
  const from = { label: "host:operator", key: undefined, sender: undefined, isNow: true };
  for (const id of ["a", "b"]) {
    const times = { createdAt: 1, expiresAt: 1e9 };
    const { message } = addMessage(store, { id, agent: "lead", body: "hello", ...from, ...times });
    claimMessage(store, message, 2);
  }
  for (const [at, line] of ctx.home.read("reports").trim().split("\n").entries()) {
    const [kind = ""] = line.split(" ");
    const report = parseReport(kind, JSON.parse(line.slice(kind.length)));
    if (report === undefined) throw new Error(line);
    addReport(store, report, { ...run, at: at + 3 });
  }
  const stand = (id: string) => [findMessage(store, id)?.status, findMessage(store, id)?.answer];
  expect({ a: stand("a"), b: stand("b") }).toEqual(wanted);
});
