// A store that is moved away while it is in use.
import { Database as Sqlite } from "bun:sqlite";
import { expect, test } from "bun:test";
import { renameSync } from "node:fs";
import { tryLock } from "../../src/adapters/flock.ts";
import { stateDatabase } from "../../src/domain/names.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { queueOf } from "../../src/store/messages.ts";
import { openStore } from "../../src/store/store.ts";
import { exitCodes } from "../../src/errors.ts";
import { fakeContext } from "../support/fake-context.ts";

const message = {
  agent: "lead",
  label: "host:operator",
  body: "hello",
  key: undefined,
  sender: undefined,
  isNow: false,
  createdAt: 1,
  expiresAt: 2,
};

test.each([[["", "-wal"]], [[""]], [["", "-wal", "-shm"]]])(
  "what a new store is told stays in it, though %j of the former were moved away while a process held it",
  async (moved) => {
    using ctx = fakeContext();
    const path = stateDatabase(ctx.paths);
    const program = `
      const { createContext } = await import("${import.meta.dir}/../../src/adapters/system.ts");
      const { openStore } = await import("${import.meta.dir}/../../src/store/store.ts");
      const store = await openStore(createContext());
      store.script("PRAGMA wal_checkpoint(TRUNCATE)");
      console.log("open");
      for await (const line of console) {
        try {
          store.script("PRAGMA wal_checkpoint(TRUNCATE)");
          console.log("folded");
        } catch (error) {
          console.log(error.message);
        }
        store[Symbol.dispose]();
        process.exit(0);
      }`;
    const env = { HOME: ctx.home.path, PATH: "/usr/bin:/bin" };
    const holder = Bun.spawn([process.execPath, "-e", program], { env, stdin: "pipe" });
    const said = holder.stdout.getReader();
    const decoder = new TextDecoder();
    expect(decoder.decode((await said.read()).value)).toBe("open\n");
    for (const end of moved) renameSync(`${path}${end}`, `${path}.old${end}`);
    using store = await openStore(ctx);
    for (const id of ["a", "b"]) addMessage(store, { ...message, id, expiresAt: 99 });
    void holder.stdin.write("close\n");
    void holder.stdin.end();
    expect(decoder.decode((await said.read()).value)).toBe(
      `${path} was moved away or replaced while it was open\n`,
    );
    await holder.exited;
    using again = await openStore(ctx);
    expect(queueOf(again, "lead").map(({ id }) => id)).toEqual(["a", "b"]);
  },
);

test("one that is set aside takes its three files along, overwrites nothing, and is used no more", async () => {
  using ctx = fakeContext();
  const path = stateDatabase(ctx.paths);
  const kept: string[] = [];
  for (const id of ["a", "b"]) {
    using store = await openStore(ctx);
    addMessage(store, { ...message, id });
    kept.push(await ctx.setDatabaseAside(path));
    expect(() => queueOf(store, "lead")).toThrow("was moved away or replaced");
  }
  expect(kept).toEqual([`${path}.aside-1`, `${path}.aside-2`]);
  const rows = kept.map((file) => new Sqlite(file).query("SELECT id FROM messages").all());
  expect(rows).toEqual([[{ id: "a" }], [{ id: "b" }]]);
  const names = await ctx.files.list(ctx.paths.state);
  expect(names.filter((name) => /^state\.db(-|$|\.moving)/.test(name))).toEqual([]);
});

test("one who sets it aside, and stops in the middle of it, keeps a hook no longer than it may wait", async () => {
  using ctx = fakeContext();
  const path = stateDatabase(ctx.paths);
  (await openStore(ctx))[Symbol.dispose]();
  renameSync(path, `${path}-wal`);
  using _ = await tryLock(`${path}.moving`);
  const opened = openStore(ctx, { patienceMs: 50 }).catch((error: unknown) => error);
  expect(await Promise.race([opened, Bun.sleep(3_000)])).toMatchObject({
    message: `${path} is being set aside by another process`,
    exitCode: exitCodes.busy,
  });
});
