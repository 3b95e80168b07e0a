// `agent messages --drop`: a queue that nobody wants any more, and one message of it.
import { expect, test } from "bun:test";
import { main } from "../../src/main.ts";
import { claimMessage } from "../../src/store/claims.ts";
import { findMessage } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { receiptsOf } from "../../src/store/receipts.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";

const roster =
  "version: 1\nsocket: s\nsupervisor: builtin\nagents: [{ name: lead, runtime: canary, workdir: ~/ }]\n";

async function withThree() {
  const ctx = fakeContext();
  ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
  const store = await openStore(ctx);
  const expiresAt = ctx.clock.now() + 1e6;
  const times = { createdAt: ctx.clock.now(), expiresAt, key: undefined, sender: undefined };
  const [first, second, third] = ["m1", "m2", "m3"].map(
    (id) =>
      addMessage(store, { id, agent: "lead", label: "x", body: id, isNow: false, ...times })
        .message,
  );
  if (first === undefined || second === undefined || third === undefined) throw new Error("none");
  claimMessage(store, first, ctx.clock.now());
  return Object.assign(ctx, { store, first, second, third });
}

test("the queue is dropped, but what is being typed", async () => {
  using ctx = await withThree();
  using store = ctx.store;
  expect(await main(["agent", "messages", "lead", "--drop"], ctx)).toBe(0);
  expect(ctx.stdout).toBe("dropped m2 to lead\ndropped m3 to lead\n");
  expect(findMessage(store, "m1")?.status).toBe("queued");
  expect(receiptsOf(store, ctx.second).at(-1)).toMatchObject({
    status: "refused",
    evidence: "dropped by a person",
    cause: "dropped",
  });
});

test("one message is dropped, unless it is being typed, is over, or was never sent", async () => {
  using ctx = await withThree();
  using store = ctx.store;
  const drop = (id: string) => main(["agent", "messages", "--id", id, "--drop"], ctx);
  expect(await drop("m3")).toBe(0);
  expect([await drop("m1"), await drop("m3"), await drop("m9")]).toEqual([4, 4, 2]);
  expect(ctx.stderr).toContain("message m1 cannot be dropped: it is being typed");
  expect(ctx.stderr).toContain("message m3 cannot be dropped: it is refused");
  expect(findMessage(store, "m2")?.status).toBe("queued");
  expect(await main(["agent", "messages", "--drop"], ctx)).toBe(2);
  expect(await main(["agent", "messages", "nobody", "--drop"], ctx)).toBe(2);
});
