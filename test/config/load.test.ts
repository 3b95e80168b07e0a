import { expect, test } from "bun:test";
import { loadSettings, requireSettings } from "../../src/config/load.ts";
import { AppError } from "../../src/errors.ts";
import { fakeContext, type FakeContextOptions } from "../support/fake-context.ts";

const file = ".config/mosaic/config.yaml";

function context(yaml: string | undefined, options: FakeContextOptions = {}) {
  const ctx = fakeContext(options);
  if (yaml !== undefined) ctx.home.write(file, yaml);
  return ctx;
}

test("without anything there are the defaults of the document", async () => {
  using ctx = context(undefined);
  const values = await requireSettings(ctx);
  expect(JSON.parse(JSON.stringify(values))).toEqual({
    "gateway.storageTier": "local",
    "gateway.host": "127.0.0.1",
    "gateway.port": 14242,
    "gateway.allowedHosts": [],
    "gateway.corsOrigin": "http://localhost:3000",
    "gateway.trustedProxies": [],
    "gateway.auditDays": 365,
    "gateway.rateLimit": 3000,
  });
});

test("config.yaml, a secret file, a variable, the file of a variable and a flag", async () => {
  using ctx = context("version: 1\ngateway:\n  port: 1111\n  host: 127.0.0.2\n");
  ctx.home.write(".config/mosaic/secrets/gateway-valkey-url", "redis://v:6379\n");
  const url = ctx.home.write("url", "postgres://u:p4ssw0rd@h/d\n");
  const env = { ...ctx.env, MOSAIC_DATABASE_URL_FILE: url, MOSAIC_GATEWAY_PORT: "2222" };
  const values = await requireSettings({ ...ctx, env }, { flags: { "gateway.host": "::1" } });
  expect([
    values["gateway.port"],
    values["gateway.host"],
    values["gateway.databaseUrl"]?.reveal(),
    values["gateway.valkeyUrl"]?.reveal(),
  ]).toEqual([2222, "::1", "postgres://u:p4ssw0rd@h/d", "redis://v:6379"]);
});

test("every fault at once, each with its place, and no secret among them", async () => {
  using ctx = context("version: 1\ngateway:\n  prot: 1\n  databaseUrl: postgres://u:S3CRET@h/d\n", {
    env: {
      MOSAIC_STORAGE_TIER: "team",
      MOSAIC_VALKEY_URL: "redis://v",
      MOSAIC_VALKEY_URL_FILE: "/nowhere",
      MOSAIC_ADMIN_PASSWORD: "S3CRET",
    },
  });
  const error = await requireSettings(ctx, {
    needed: ["admin.name", "admin.email", "admin.password"],
  }).catch((caught: unknown) => caught);
  const told = error instanceof AppError ? `${error.message}\n${error.exitCode}` : String(error);
  expect(told).not.toContain("S3CRET");
  expect(told.replaceAll(ctx.home.path, "~").split("\n")).toEqual([
    "8 settings are missing or wrong",
    '  ~/.config/mosaic/config.yaml:3:3: gateway: unknown key "prot" (did you mean port?)',
    "  ~/.config/mosaic/config.yaml:4:3: gateway.databaseUrl is a secret, which does not belong into this file (remove the line, change the secret, and give the new one to: mosaic config set gateway.databaseUrl)",
    "  MOSAIC_VALKEY_URL_FILE: there is no file /nowhere",
    "  MOSAIC_VALKEY_URL and MOSAIC_VALKEY_URL_FILE are both set (unset MOSAIC_VALKEY_URL)",
    "  MOSAIC_ADMIN_PASSWORD: expected at least 8 characters",
    "  MOSAIC_DATABASE_URL is missing: PostgreSQL; needed for tier team (export MOSAIC_DATABASE_URL=…, or MOSAIC_DATABASE_URL_FILE=/path/to/a/file)",
    "  MOSAIC_ADMIN_NAME is missing: name of the first administrator (export MOSAIC_ADMIN_NAME=…, or MOSAIC_ADMIN_NAME_FILE=/path/to/a/file)",
    "  MOSAIC_ADMIN_EMAIL is missing: e-mail of the first administrator, to log in with (export MOSAIC_ADMIN_EMAIL=…, or MOSAIC_ADMIN_EMAIL_FILE=/path/to/a/file)",
    "2",
  ]);
});

test("a file of a newer version is read for what is known of it", async () => {
  using ctx = context("version: 7\ngateway:\n  port: 1111\n  colour: blue\n");
  const { values, faults, fileVersion } = await loadSettings(ctx);
  expect([values["gateway.port"], faults, fileVersion]).toEqual([1111, [], 7]);
});

test("one from before there were versions is read too", async () => {
  using ctx = context("gateway:\n  port: 1111\n");
  const { values, faults, fileVersion } = await loadSettings(ctx);
  expect([values["gateway.port"], faults, fileVersion]).toEqual([1111, [], 0]);
});

test("a wrong value in the file is told once, at its place", async () => {
  using ctx = context("version: 1\ngateway:\n  port: http\n");
  const { faults } = await loadSettings(ctx);
  expect(faults.map(({ message }) => message.replace(ctx.home.path, "~"))).toEqual([
    "~/.config/mosaic/config.yaml:3:9: gateway.port: expected a port from 0 to 65535",
  ]);
});

test("a list is one text with commas, and the words for one of YAML's say so", async () => {
  using ctx = fakeContext({ env: { MOSAIC_ADMIN_PASSWORD_FILE: "/dev" } });
  ctx.home.write(".config/mosaic/config.yaml", "version: 1\ngateway:\n  allowedHosts: [a, b]\n");
  const [list, unread] = (await loadSettings(ctx)).faults;
  expect(list?.message).toContain('expected one text with commas, such as "a,b"');
  expect(unread?.message).toStartWith("MOSAIC_ADMIN_PASSWORD_FILE: cannot read /dev");
});
