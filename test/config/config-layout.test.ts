// What a change of config.yaml leaves alone, and what it says of itself.
import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { context, file, run, written } from "../support/config-run.ts";

test("set leaves the layout that a person chose, and the ends of the lines", async () => {
  const layout =
    'version: 1\r\n# note\r\ngateway:\r\n    port:   1111   # why\r\n    host: "127.0.0.2"\r\n';
  using ctx = context(layout);
  expect((await run(ctx, "set", "gateway.port", "2222")).exitCode).toBe(0);
  expect(ctx.home.read(file)).toBe(layout.replace("1111", "2222"));
  await run(ctx, "set", "gateway.host", "127.0.0.3");
  expect((await run(ctx, "get", "gateway.host")).stdout).toBe("127.0.0.3\n");
  await run(ctx, "set", "gateway.rateLimit", "77");
  expect(ctx.home.read(file)).not.toMatch(/[^\r]\n/);
});

test.each([
  [
    'version: 1\n\n\ngateway:\n    port: 1111   # why\n\n\n    # cors\n    corsOrigin: "http://a"\n\n# end\n',
    "\n\n# end\n",
  ],
  ["---\nversion: 1\ngateway:\n  port: 1111 # last", " # last"],
  ["gateway:\r\n   host: 127.0.0.2\r\n   port:   1111\r\nversion:   1\r\n", "\r\nversion:   1\r\n"],
])("a setting is one line more, and one line less when it goes: %j", async (layout, behind) => {
  using ctx = context(layout);
  await run(ctx, "set", "gateway.rateLimit", "77");
  const set = ctx.home.read(file);
  expect((await run(ctx, "get", "gateway.rateLimit")).stdout).toBe("77\n");
  expect(linesOf(set).filter((line) => !/^ +rateLimit: 77$/.test(line))).toEqual(linesOf(layout));
  await run(ctx, "unset", "gateway.rateLimit");
  expect(ctx.home.read(file).trimEnd()).toBe(layout.trimEnd());
  expect(layout).toEndWith(behind);
});

test("a secret is not written beside a file of a newer mosaic", async () => {
  using ctx = context("version: 2\n", { stdin: "postgres://localhost/db\n" });
  for (const words of [["set"], ["set", "--dry-run"], ["unset"]]) {
    const { exitCode, stderr } = await run(ctx, ...words, "gateway.databaseUrl");
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining("of version 2")]);
  }
  expect(existsSync(ctx.home.at(".config/mosaic/secrets"))).toBe(false);
});

test("a section whose lines are all comments is valid, and takes a value", async () => {
  using ctx = context("version: 1\ngateway:\n  # port: 1\n");
  expect((await run(ctx, "validate")).exitCode).toBe(0);
  expect((await run(ctx, "set", "gateway.port", "2222")).exitCode).toBe(0);
  expect((await run(ctx, "get", "gateway.port")).stdout).toBe("2222\n");
  expect(ctx.home.read(file)).toContain("# port: 1");
});

test("what changes nothing says nothing of a restart; what needs more says what", async () => {
  using ctx = context(written);
  const same = await run(ctx, "set", "gateway.port", "1111");
  expect(same).toEqual({ exitCode: 0, stdout: "", stderr: "nothing to change\n" });
  const none = await run(ctx, "unset", "gateway.valkeyUrl");
  expect(none).toEqual({ exitCode: 0, stdout: "", stderr: "nothing to change\n" });
  const team = await run(ctx, "set", "gateway.storageTier", "team");
  expect([team.exitCode, team.stderr]).toEqual([
    0,
    expect.stringContaining("not yet valid: MOSAIC_DATABASE_URL is missing"),
  ]);
});

test("a value that is not valid is shown as that, and not as one that nobody set", async () => {
  using ctx = context(undefined, { env: { MOSAIC_GATEWAY_PORT: "http" } });
  const { exitCode, stdout } = await run(ctx, "show", "--origin");
  expect([exitCode, stdout]).toEqual([
    2,
    expect.stringMatching(/gateway.port +\(not valid\) +env MOSAIC_GATEWAY_PORT/),
  ]);
});

test("a file that is no UTF-8 is refused, and its bytes stay", async () => {
  using ctx = context("");
  const bytes = Buffer.from("version: 1\n# gr\u00fcn\n", "latin1");
  writeFileSync(ctx.home.at(file), bytes);
  const { exitCode, stderr } = await run(ctx, "set", "gateway.port", "2222");
  expect([exitCode, stderr]).toEqual([4, expect.stringContaining("no UTF-8")]);
  expect(readFileSync(ctx.home.at(file)).equals(bytes)).toBe(true);
});

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== "");
}
