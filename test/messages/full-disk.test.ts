// A disk that fills up between a delivery and its receipt: who sent the message learns whether it may have been typed.
import { expect, test } from "bun:test";
import { AppError } from "../../src/errors.ts";
import { main } from "../../src/main.ts";
import { rest } from "../support/fake-exec.ts";
import { fakeContext } from "../support/fake-context.ts";

const roster = `version: 1
socket: mosaic-t
supervisor: builtin
agents:
  - { name: canary-1, runtime: canary, workdir: ~/ }
`;

const refused = { exitCode: 4, stderr: "send-message: a draft\n" };

test.each([
  [{ exitCode: 0 }, 1, 5, /message 0000000001 was typed into canary-1, and its receipt .*is full/],
  // Not lost: the one in the background finds that nothing was typed.
  [refused, 1, 6, /message 0000000001 waits for canary-1, and its receipt .*is full/],
  [refused, 75, 6, /message 0000000001 waits for canary-1, and its receipt .*is full/],
])(
  "a store that is full behind the delivery %j, exit %i, says whether it was typed",
  async (end, exitCode, code, words) => {
    using ctx = fakeContext();
    ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
    // Its pane tells nothing: agent-send.sh has the last word.
    ctx.allowExec(["tmux", rest], { exitCode: 1, stderr: "no server running on socket" });
    let isFull = false;
    ctx.expectExec(["sh", rest], () => {
      isFull = true;
      return end;
    });
    const openDatabase: typeof ctx.openDatabase = async (...place) => {
      const database = await ctx.openDatabase(...place);
      if (database === undefined) return undefined;
      const transaction: typeof database.transaction = (work) => {
        if (isFull) throw new AppError("the disk is full", { exitCode });
        return database.transaction(work);
      };
      return { ...database, transaction };
    };
    if (code === 6) ctx.expectSpawn([/mosaic$/, "agent", "deliver", "canary-1"]);
    const typed = ["agent", "send", "canary-1", "-m", "hello"];
    expect(await main(typed, { ...ctx, openDatabase })).toBe(code);
    expect(ctx.stderr).toMatch(words);
    ctx.done();
  },
);
