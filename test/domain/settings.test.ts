import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { isMask, mask, secretOf } from "../../src/domain/secret.ts";
import { settingKeys, settings, type SettingKey } from "../../src/domain/settings.ts";
import {
  type Candidate,
  readSetting,
  resolveSettings,
  showOrigin,
} from "../../src/domain/settings-resolve.ts";

function resolve(given: Partial<Record<SettingKey, readonly Candidate[]>>) {
  const known = settingKeys.map((key) => [key, given[key] ?? []] as const);
  return resolveSettings(new Map(known));
}

const env = (name: string, text: string): Candidate => ({ origin: { kind: "env", name }, text });

test("every default is valid, and every variable is its own", () => {
  const { faults } = resolve({});
  expect(faults).toEqual([]);
  const variables = settingKeys.map((key) => settings[key].variable);
  expect(new Set(variables).size).toBe(variables.length);
});

test("no secret can be given by a flag, where everybody on the host could read it", () => {
  const secrets = settingKeys.filter((key) => settings[key].isSecret);
  expect(secrets.map((key) => settings[key].flag)).toEqual(secrets.map(() => undefined));
});

test("the strongest place wins and says what it overrides", () => {
  const key = "gateway.port";
  const file: Candidate["origin"] = { kind: "config", file: "c.yaml", line: 3, column: 9 };
  const { resolved, values } = resolve({
    [key]: [
      { origin: file, text: "1" },
      env("MOSAIC_GATEWAY_PORT", "2"),
      { origin: { kind: "flag", name: "port" }, text: "3" },
    ],
  });
  expect(values[key]).toBe(3);
  const found = resolved.find((one) => one.key === key);
  expect([found?.shown, showOrigin(found?.origin), found?.overrides.map(showOrigin)]).toEqual([
    "3",
    "flag --port",
    ["env MOSAIC_GATEWAY_PORT", "c.yaml:3"],
  ]);
});

test.each<[SettingKey, string, string]>([
  ["gateway.port", "http", 'a port from 0 to 65535, found "http"'],
  ["gateway.port", "70000", 'a port from 0 to 65535, found "70000"'],
  ["gateway.storageTier", "big", 'local or team, found "big"'],
  ["gateway.corsOrigin", "*", 'an origin such as http://localhost:3000, without a path, found "*"'],
  [
    "gateway.corsOrigin",
    "null",
    'an origin such as http://localhost:3000, without a path, found "null"',
  ],
  ["gateway.databaseUrl", "mysql://u:hunter2@h/d", "a URL such as postgres://user@host/database"],
  ["gateway.databaseUrl", mask, "the value, not the mask that stands for it"],
  [
    "gateway.databaseUrl",
    `postgres://u:${mask}@h/d`,
    "a URL such as postgres://user@host/database, with its real password",
  ],
  ["gateway.anthropicApiKey", "changeme", "a real value, not a placeholder"],
  ["admin.password", "short", "at least 8 characters"],
  ["admin.email", "nobody", 'an e-mail address, found "nobody"'],
])("%s refuses %s", (key, text, expected) => {
  expect(readSetting(key, text)).toEqual({ expected });
});

test("tier team needs both URLs, and says so once for each", () => {
  const { faults } = resolve({ "gateway.storageTier": [env("MOSAIC_STORAGE_TIER", "team")] });
  expect(faults.map(({ message }) => message.split(":")[0])).toEqual([
    "MOSAIC_DATABASE_URL is missing",
    "MOSAIC_VALKEY_URL is missing",
  ]);
  const wrong = resolve({
    "gateway.storageTier": [env("MOSAIC_STORAGE_TIER", "team")],
    "gateway.databaseUrl": [env("MOSAIC_DATABASE_URL", "nothing")],
  });
  expect(wrong.faults.map(({ key }) => key)).toEqual(["gateway.databaseUrl", "gateway.valkeyUrl"]);
});

describe("a secret", () => {
  test("shows its mask in every way that something is printed", () => {
    const secret = secretOf("hunter2-hunter2");
    const ways = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9, showHidden: true }),
      Bun.inspect({ secret }),
      Object.values(secret).join(),
    ];
    expect(ways.filter((way) => way.includes("hunter2"))).toEqual([]);
    expect(isMask(String(secret))).toBe(true);
  });

  test("stands in no fault and no shown value, whatever was given", () => {
    const secrets = settingKeys.filter((key) => settings[key].isSecret);
    const value = fc.string({ minLength: 6, maxLength: 80 }).map((text) => `S3CR${text}`);
    fc.assert(
      fc.property(fc.constantFrom(...secrets), value, (key, text) => {
        const { resolved, faults } = resolve({ [key]: [env(settings[key].variable, text)] });
        expect(JSON.stringify([resolved, faults])).not.toContain("S3CR");
      }),
    );
  });
});
