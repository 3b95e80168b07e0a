// The Dockerfile and the compose file: no engine runs here, so what they name is held against the code, and
// `npm run container` runs the executable as they would.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { array, looseObject, optional, parse as check, record, string, unknown } from "valibot";
import { parse } from "yaml";
import { settings } from "../src/domain/settings.ts";
import { repositoryRoot } from "./support/source-files.ts";

const folder = `${repositoryRoot}/framework/deploy`;
const dockerfile = readFileSync(`${folder}/Dockerfile`, "utf8");

const service = looseObject({
  volumes: optional(array(string())),
  environment: optional(record(string(), string())),
  profiles: optional(array(string())),
});

const compose = check(
  looseObject({ services: record(string(), service), volumes: record(string(), unknown()) }),
  parse(readFileSync(`${folder}/compose.yaml`, "utf8"), { merge: true }),
);

test("the image holds tmux and the executable, runs it as another user than root, and gets SIGTERM", () => {
  expect(dockerfile).toContain("install --yes --no-install-recommends tmux ca-certificates");
  expect(dockerfile).toContain("COPY --chmod=755 mosaic /usr/local/bin/mosaic");
  expect(dockerfile.indexOf("USER mosaic")).toBeGreaterThan(dockerfile.indexOf("useradd"));
  expect(dockerfile).toContain('ENTRYPOINT ["mosaic"]\nCMD ["fleet", "run"]\nSTOPSIGNAL SIGTERM');
});

test("fleet and gateway share every folder of theirs; the databases come with the profile team alone", () => {
  const { services, volumes } = compose;
  expect(Object.keys(services)).toEqual(["fleet", "gateway", "postgres", "valkey"]);
  expect(services["gateway"]?.volumes).toEqual(services["fleet"]?.volumes ?? []);
  const mounted = Object.values(services).flatMap((one) => one.volumes ?? []);
  const names = [...new Set(mounted.map((text) => text.split(":", 1)[0] ?? ""))];
  expect(names.toSorted()).toEqual(Object.keys(volumes).toSorted());
  for (const path of services["fleet"]?.volumes ?? []) {
    expect(dockerfile).toContain(path.slice(path.indexOf(":") + 1));
  }
  expect([services["postgres"]?.profiles, services["valkey"]?.profiles]).toEqual([
    ["team"],
    ["team"],
  ]);
});

test("every setting in it is one that mosaic has", () => {
  const named = Object.keys(compose.services["gateway"]?.environment ?? {});
  const known = Object.values(settings).map(({ variable }) => variable);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
  expect(named).toContain("MOSAIC_STORAGE_TIER");
});
