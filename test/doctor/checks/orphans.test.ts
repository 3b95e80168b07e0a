import { expect, test } from "bun:test";
import { orphans } from "../../../src/doctor/checks/orphans.ts";
import { addMessage } from "../../../src/store/new-message.ts";
import { openStore } from "../../../src/store/store.ts";
import { stubPanes } from "../../support/systemd-stubs.ts";
import { doctorContext, examine } from "../examine.ts";

const roster = "socket: s\nagents: [{ name: one, runtime: canary }]\n";

test("agents and messages of the roster are none", async () => {
  using ctx = doctorContext({ roster });
  stubPanes(ctx, [{ session: "one" }]);
  expect(await examine(ctx, orphans)).toEqual({
    status: "ok",
    detail: "nothing of the fleet has",
    fix: "",
  });
});

test("one that runs, and one for whom a message waits, are told with the command that helps", async () => {
  using ctx = doctorContext({ roster });
  stubPanes(ctx, [{ session: "one" }, { session: "ghost" }]);
  using store = await openStore(ctx);
  const common = { label: "x", body: "x", key: undefined, sender: undefined, isNow: false };
  addMessage(store, { id: "a", agent: "gone", createdAt: 1, expiresAt: 9, ...common });
  expect(await examine(ctx, orphans)).toEqual({
    status: "warning",
    detail:
      "ghost runs but is not in the roster\n1 message waits for gone, which is not in the roster",
    fix: "mosaic fleet stop ghost\nmosaic fleet stop gone",
  });
});

test("without tmux it cannot know", async () => {
  using ctx = doctorContext({ roster });
  ctx.allowExec(() => true, { exitCode: 127 });
  expect(await examine(ctx, orphans)).toMatchObject({ status: "warning" });
});
