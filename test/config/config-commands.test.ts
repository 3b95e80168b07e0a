import { describe, expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import * as fc from "fast-check";
import { settings, storedKeys } from "../../src/domain/settings.ts";
import { mask } from "../../src/domain/secret.ts";
import { setInConfig, unsetInConfig } from "../../src/domain/config-edit.ts";
import { main } from "../../src/main.ts";
import { context, file, run, written } from "../support/config-run.ts";
import { fakeContext } from "../support/fake-context.ts";

test("show tells the source, what it overrides and what to restart; a secret is a mask", async () => {
  using ctx = context(written, {
    env: { MOSAIC_GATEWAY_PORT: "2222", MOSAIC_VALKEY_URL: "redis://:s3cr3t@h" },
  });
  const { exitCode, stdout } = await run(ctx, "show", "--origin");
  expect(exitCode).toBe(0);
  const rows = stdout.split("\n").map((line) => line.split(/ {2,}/));
  expect(rows.filter(([key]) => /host$|port|valkey|corsOrigin/.test(key ?? ""))).toEqual([
    ["gateway.host", "127.0.0.2", "~/.config/mosaic/config.yaml:5", "gateway"],
    [
      "gateway.port",
      "2222",
      "env MOSAIC_GATEWAY_PORT",
      "~/.config/mosaic/config.yaml:7",
      "gateway",
    ],
    ["gateway.corsOrigin", "http://localhost:3000", "default", "gateway"],
    ["gateway.valkeyUrl", mask, "env MOSAIC_VALKEY_URL", "gateway"],
  ]);
});

test("a broken file is told, and no default stands in for what it says", async () => {
  using ctx = context("version: 1\ngateway:\n  port: [\n");
  const { exitCode, stderr } = await run(ctx, "show");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("~/.config/mosaic/config.yaml:");
  expect((await run(ctx, "get", "gateway.port")).stdout).toBe("");
  expect((await run(ctx, "set", "gateway.port", "1")).exitCode).toBe(2);
  expect(ctx.home.read(file)).toContain("port: [");
});

test("set and unset keep comments and order, and a dry run writes nothing", async () => {
  using ctx = context(written);
  const dry = await run(ctx, "set", "gateway.port", "8080", "--dry-run");
  expect(dry.stdout).toBe("    # below the others\n-   port: 1111\n+   port: 8080\n");
  expect(ctx.home.read(file)).toBe(written);
  expect(existsSync(ctx.home.at(".local/state/mosaic"))).toBe(false);
  await run(ctx, "set", "gateway.port", "8080");
  expect(ctx.home.read(file)).toBe(written.replace("1111", "8080"));
  await run(ctx, "set", "gateway.storageTier", "team");
  await run(ctx, "unset", "gateway.storageTier");
  await run(ctx, "set", "gateway.port", "1111");
  expect(ctx.home.read(file)).toBe(written);
});

test("the first set makes the file, for its owner alone", async () => {
  using ctx = context(undefined);
  expect((await run(ctx, "set", "gateway.port", "8080")).exitCode).toBe(0);
  expect(ctx.home.read(file)).toMatch(
    /^# Settings of mosaic.*\nversion: 1\ngateway:\n {2}port: 8080\n$/,
  );
  expect(statSync(ctx.home.at(file)).mode & 0o777).toBe(0o600);
  expect((await run(ctx, "get", "gateway.port")).stdout).toBe("8080\n");
});

test("a secret goes into a file of its own, 0600, and nowhere else", async () => {
  using ctx = context(undefined, { stdin: "postgres://u:s3cr3t@h/d\n" });
  const ran = await run(ctx, "set", "gateway.databaseUrl");
  expect(ran.exitCode).toBe(0);
  const kept = ".config/mosaic/secrets/gateway-database-url";
  expect(ctx.home.read(kept)).toBe("postgres://u:s3cr3t@h/d\n");
  expect(statSync(ctx.home.at(kept)).mode & 0o777).toBe(0o600);
  expect(existsSync(ctx.home.at(file))).toBe(false);
  const shown = await run(ctx, "show", "--json");
  expect(JSON.stringify([ran, shown])).not.toContain("s3cr3t");
  expect((await run(ctx, "get", "gateway.databaseUrl")).exitCode).toBe(4);
  await run(ctx, "unset", "gateway.databaseUrl");
  expect(existsSync(ctx.home.at(kept))).toBe(false);
});

test.each<[string[], string, number]>([
  [["set", "gateway.port", "http"], "a port from 0 to 65535", 2],
  [["set", "gateway.prot", "1"], "did you mean gateway.port?", 2],
  [["set", "MOSAIC_GATEWAY_PORT", "1"], "did you mean gateway.port?", 2],
  [["set", "gateway.port"], "needs a value", 2],
  [["set", "gateway.databaseUrl", "postgres://u:p@h/d"], "everybody on this host", 2],
  [["set", "gateway.anthropicApiKey"], "not the mask", 2],
  [["set", "admin.password"], "used once, at an install", 2],
])("%j is refused: %s", async (words, why, code) => {
  using ctx = context(undefined, { stdin: `${mask}\n` });
  const { exitCode, stderr } = await run(ctx, ...words);
  expect(exitCode).toBe(code);
  expect(stderr).toContain(why);
  expect(existsSync(ctx.home.at(".config/mosaic"))).toBe(false);
});

test("a file of before there were versions is read, and migrated with a backup by a change", async () => {
  const old = "# ours\ngateway:\n  port: 1111\n";
  using ctx = context(old);
  expect((await run(ctx, "get", "gateway.port")).stdout).toBe("1111\n");
  await run(ctx, "set", "gateway.host", "::1");
  expect(ctx.home.read(file)).toBe("# ours\nversion: 1\ngateway:\n  port: 1111\n  host: ::1\n");
  expect(ctx.home.read(`${file}.version-0.bak`)).toBe(old);
});

test("a newer file is read, and not written", async () => {
  const newer = "version: 2\ngateway:\n  port: 1111\n  colour: blue\n";
  using ctx = context(newer);
  expect((await run(ctx, "get", "gateway.port")).stdout).toBe("1111\n");
  expect((await run(ctx, "set", "gateway.port", "1")).exitCode).toBe(4);
  expect(ctx.home.read(file)).toBe(newer);
});

describe("properties", () => {
  test("whatever is set and unset again, every comment and key of others stays in order", () => {
    const keys = storedKeys.filter((key) => !settings[key].isSecret && key !== "gateway.port");
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.string(), (key, value) => {
        const back = unsetInConfig(setInConfig(written, key, value), key);
        expect(othersOf(back)).toEqual(othersOf(written));
      }),
    );
  });

  test("no secret is ever shown, wherever it stands and whatever else is wrong", async () => {
    const secrets = storedKeys.filter((key) => settings[key].isSecret);
    const place = fc.constantFrom("env", "env-file", "secret-file", "config");
    const value = fc.stringMatching(/^S3CR3T[ -~]{0,40}$/);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...secrets), place, value, async (key, where, text) => {
        using ctx = fakeContext();
        const { variable } = settings[key];
        const name = key.slice("gateway.".length);
        const env: Record<string, string> = {};
        if (where === "env") env[variable] = text;
        if (where === "env-file") env[`${variable}_FILE`] = ctx.home.write("secret", text);
        const dashed = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        if (where === "secret-file")
          ctx.home.write(`.config/mosaic/secrets/gateway-${dashed}`, text);
        if (where === "config") {
          ctx.home.write(file, `version: 1\ngateway:\n  ${name}: ${JSON.stringify(text)}\n`);
        }
        using other = fakeContext({ home: ctx.home, env });
        for (const words of [["show"], ["show", "--json"], ["show", "--origin"], ["validate"]]) {
          await main(["config", ...words], other);
        }
        expect(`${other.stdout}${other.stderr}`).not.toContain("S3CR3T");
      }),
      { numRuns: 60 },
    );
  });
});

/** Without the line that may have been taken out. */
function othersOf(text: string): string[] {
  return text.split("\n").filter((line) => !line.includes("host:"));
}
