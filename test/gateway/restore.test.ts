// What a restore and a backup leave when something comes between.
import { expect, test } from "bun:test";
import { AppError } from "../../src/errors.ts";
import { backUpDatabase } from "../../src/gateway/backup-file.ts";
import { lockFile } from "../../src/gateway/files.ts";
import { createBackup } from "../../src/gateway/backup.ts";
import { openSql } from "../../src/gateway/admin.ts";
import { restoreBackup } from "../../src/gateway/restore.ts";
import { addUser } from "../../src/gateway/store/users.ts";
import { fakeContext } from "../support/fake-context.ts";

/** Folders of another user are refused. */
const us = { uid: process.getuid?.() ?? 0 };

test("a gateway that begins while the question is asked keeps its store", async () => {
  using ctx = fakeContext({ io: { stdinIsTty: true }, host: us });
  const path = ctx.home.at("copy.db");
  await createBackup(ctx, { output: path, json: false });
  await using sql = await openSql(ctx);
  const user = {
    id: "u",
    email: "a@example.com",
    name: "A",
    role: "admin",
    password: "h",
  } as const;
  await addUser(sql, { ...user, at: 1 });
  let gateway: Disposable | undefined;
  const confirm = async (): Promise<boolean> => {
    gateway = await ctx.files.tryLock(lockFile(ctx.paths));
    return true;
  };
  const asked = { ...ctx, paths: ctx.paths, io: { ...ctx.io, confirm } };
  const fault = await restoreBackup(asked, { path, yes: false }).then(
    () => undefined,
    (error: unknown) => error,
  );
  gateway?.[Symbol.dispose]();
  expect(fault).toMatchObject({ message: "the gateway runs", exitCode: 4 });
  expect(await sql.all("SELECT id FROM users")).toHaveLength(1);
});

test("a backup for which there is no room leaves no file, and names the disk that is full", async () => {
  using ctx = fakeContext({ host: us });
  await using sql = await openSql(ctx);
  const cause = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
  const full = { ...sql, run: async () => Promise.reject(new AppError("…", { cause })) };
  const fault = await backUpDatabase(ctx, full, ctx.home.at("to/copy.db")).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toMatchObject({
    message: `cannot write ${ctx.home.at("to/copy.db")}: the disk is full`,
    hint: `df -h ${ctx.home.at("to")}`,
  });
  expect(await ctx.files.list(ctx.home.at("to"))).toEqual([]);
});
