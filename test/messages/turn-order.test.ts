// A message is typed only when the one before it is reported: else both join one turn, and one answer is told of two.
import { expect, test } from "bun:test";
import { loadRoster } from "../../src/fleet/load-roster.ts";
import { emptyQueue } from "../../src/messages/queue.ts";
import { claimMessage, keepMessage } from "../../src/store/claims.ts";
import { findMessage } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { addReceipt } from "../../src/store/receipts.ts";
import { addReport } from "../../src/store/reports.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";
import { rest } from "../support/fake-exec.ts";

const roster = `version: 1
socket: mosaic-t
agents:
  - { name: lead, runtime: codex, workdir: ~/ }
`;

/** One that was typed just now, and one that waits. `look` runs in the middle of the look at the agent. */
async function second(look: (report: (kind: "prompt-accepted") => void) => void, ageMs = 100) {
  using ctx = fakeContext();
  ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
  using store = await openStore(ctx);
  const at = ctx.clock.now() - ageMs;
  const run = { agent: "lead", instance: "i1" };
  addReport(store, { kind: "session-started", session: "s" }, { ...run, at: at - 9_000 });
  for (const id of ["m1", "m2"]) {
    const from = { label: "a:b", key: undefined, sender: undefined, isNow: false };
    const times = { createdAt: at, expiresAt: at + 3_600_000 };
    keepMessage(
      store,
      addMessage(store, { id, agent: "lead", body: "hi", ...from, ...times }).message,
    );
  }
  const first = findMessage(store, "m1");
  if (first === undefined) throw new Error("it was sent");
  claimMessage(store, first, at);
  const seen = { at, source: "screen", evidence: "", cause: "" } as const;
  addReceipt(store, first, { status: "submitted", ...seen });
  const pane = [ctx.paths.config, "lead", "lead", "i1", "%1", "99", "0", "0", "0", "%1"].join("\t");
  const screen = ["\u001Fmosaic lead codex", "", "› ", ""].join("\n");
  ctx.allowExec(["tmux", rest], ({ argv }) =>
    argv.includes("list-panes") ? { stdout: `${pane}\n` } : { stdout: screen },
  );
  let typed = 0;
  ctx.allowExec(["sh", rest], () => {
    typed += 1;
    return {};
  });
  const { socket, agents } = await loadRoster(ctx);
  const [agent] = agents;
  if (agent === undefined) throw new Error("no agent");
  const text = "[mosaic m1 from a:b]\nhi ";
  // Behind what the look reads of the store, before it is judged by.
  const looking = {
    ...ctx,
    openDatabase: async (...args: Parameters<typeof ctx.openDatabase>) => {
      const database = await ctx.openDatabase(...args);
      if (database === undefined) return undefined;
      const all: typeof database.all = (sql, ...values) => {
        const rows = database.all(sql, ...values);
        if (sql.includes("FROM agents")) {
          look((kind) => {
            addReport(store, { kind, session: "s", text }, { ...run, at: ctx.clock.now() });
          });
        }
        return rows;
      };
      return Object.assign(Object.create(database), {
        all,
        [Symbol.dispose]: () => database[Symbol.dispose](),
      });
    },
  };
  const end = await emptyQueue(looking, store, { socket, agent });
  return { end, typed, first: findMessage(store, "m1")?.status };
}

test("a prompt that is reported in the middle of the look at its agent is not taken for an end", async () => {
  expect(await second((report) => report("prompt-accepted"))).toEqual({
    end: "working",
    typed: 0,
    first: "accepted",
  });
});

test("one that is not reported yet holds the next one back, also on a busy machine", async () => {
  expect(await second(() => {}, 3_500)).toEqual({ end: "working", typed: 0, first: "submitted" });
});

test("one that is never reported does not hold the next one back for ever", async () => {
  expect(await second(() => {}, 5_000)).toMatchObject({ end: "empty", typed: 1 });
});
