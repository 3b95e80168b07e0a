// What the asking side of the control socket makes of a supervisor that refuses, and of one that hangs.
import { expect, test } from "bun:test";
import type { Context } from "../../../src/context.ts";
import { AppError } from "../../../src/errors.ts";
import { askStates } from "../../../src/supervisors/builtin/client.ts";
import { holderFiles, protocol } from "../../../src/supervisors/builtin/protocol.ts";
import { fakeContext } from "../../support/fake-context.ts";

async function askWith(request: Context["sockets"]["request"]): Promise<unknown> {
  using fake = fakeContext();
  const ctx: Context = { ...fake, paths: fake.paths, sockets: { ...fake.sockets, request } };
  const contact = { pid: 77, version: ctx.host.version, socket: "/run/x.sock" };
  await ctx.files.write(holderFiles(ctx.paths, "main").contact, JSON.stringify(contact), 0o600);
  return askStates(ctx, "main").catch((error: unknown) => error);
}

test("a supervisor that refuses because it is busy is not taken for one that hangs", async () => {
  const body = { protocol, version: "", pid: 77, error: "the lock lead is busy", exitCode: 75 };
  expect(await askWith(async () => ({ status: 500, body }))).toMatchObject({
    message: expect.stringContaining("the lock lead is busy"),
    exitCode: 75,
    hint: undefined,
  });
});

test("one that hangs is to be ended by its pid", async () => {
  const fault = new AppError("no answer within 2 s", { exitCode: 75 });
  expect(await askWith(async () => Promise.reject(fault))).toMatchObject({
    message: "the supervisor does not answer (pid 77)",
    hint: "end it, the agents live on: kill -KILL 77; mosaic fleet start",
  });
});
