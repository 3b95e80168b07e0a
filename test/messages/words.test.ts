// What a sender is told of a message that cannot be taken as it is, and what stands in a table of messages.
import { writeFileSync } from "node:fs";
import { expect, test } from "bun:test";
import type { Context } from "../../src/context.ts";
import { decodeUtf8 } from "../../src/domain/utf8.ts";
import { main } from "../../src/main.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";

const roster = `version: 1
socket: mosaic-t
supervisor: builtin
agents:
  - { name: lead, runtime: canary, workdir: ~/ }
  - { name: other, runtime: canary, workdir: ~/ }
  - { name: mute, runtime: command, args: [cat], workdir: ~/ }
`;

function site() {
  const ctx = fakeContext();
  ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
  return ctx;
}

const latin = new Uint8Array([0x61, 0xef, 0xbf, 0xbd, 0xe4, 0x62]);

test.each([
  [[], undefined],
  [[0x61, 0x0a], undefined],
  [[0xef, 0xbb, 0xbf, 0x61], undefined],
  [[0xe4], 0],
  [[...latin], 4],
  // Cut in the middle of a character, and a surrogate.
  [[0x61, 0xf0, 0x9f, 0x98], 1],
  [[0x61, 0xed, 0xa0, 0x80], 1],
])("bytes %j are text, or are not from byte %p on", (bytes, invalidAt) => {
  const decoded = decodeUtf8(new Uint8Array(bytes));
  expect("text" in decoded ? undefined : decoded.invalidAt).toBe(invalidAt);
});

test("a message that is no UTF-8 is refused with the place, from a file and from standard input", async () => {
  using ctx = site();
  const file = ctx.home.at("latin 1.txt");
  writeFileSync(file, latin);
  expect(await main(["agent", "send", "lead", "--file", file], ctx)).toBe(2);
  expect(ctx.stderr).toContain(`the message is no UTF-8 text: byte 4 of ${file}, counted from 0`);
  expect(ctx.stderr).toContain(`hint: iconv -f latin1 -t UTF-8 '${file}'`);
  const io: Context["io"] = { ...ctx.io, readStdinBytes: async () => latin };
  expect(await main(["agent", "ask", "lead"], { ...ctx, io })).toBe(2);
  expect(ctx.stderr).toContain("byte 4 of standard input");
});

test.each([
  [["-m", "one", "--message", "two"], "--message is given twice, and only one can be taken"],
  [["--file", "a", "--file=b"], "--file is given twice"],
])("of two texts none is dropped in silence: %j", async (words, fault) => {
  using ctx = site();
  expect(await main(["agent", "send", "lead", ...words], ctx)).toBe(2);
  expect(ctx.stderr).toContain(fault);
});

test("an agent that cannot answer is not asked, and the hint is a command that works", async () => {
  using ctx = site();
  expect(await main(["agent", "ask", "mute", "hello"], ctx)).toBe(2);
  expect(ctx.stderr).toContain('hint: mosaic agent send mute --message "status check"');
  expect(await main(["agent", "send", "mute", "-m", "x", "--wait", "answered"], ctx)).toBe(2);
  expect(ctx.stderr).toContain("hint: --wait submitted");
});

test("an id of a message to another agent is told, and no text turns the table", async () => {
  using ctx = site();
  const body = "abc\u202E\u2066\u200Fdef\u001B[31m";
  {
    using store = await openStore(ctx);
    const from = { label: "a:b", key: undefined, sender: undefined, isNow: false };
    const times = { createdAt: ctx.clock.now(), expiresAt: ctx.clock.now() + 1e6 };
    addMessage(store, { id: "m1", agent: "lead", body, ...from, ...times });
  }
  expect(await main(["agent", "messages", "other", "--id", "m1"], ctx)).toBe(2);
  expect(ctx.stderr).toContain("message m1 is to lead, not to other");
  expect(await main(["agent", "messages", "lead", "--id", "m1"], ctx)).toBe(0);
  expect(await main(["agent", "messages"], ctx)).toBe(0);
  expect(ctx.stdout).toContain("abcdef[31m");
  // Of the page of one message the marks that turn nothing stay.
  expect(ctx.stdout).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
  expect(ctx.stdout).not.toContain("\u001B");
});
