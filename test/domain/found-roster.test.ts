import { expect, test } from "bun:test";
import { foundRoster } from "../../src/domain/found-roster.ts";
import { parseRoster } from "../../src/domain/roster.ts";
import { runtimeNames, runtimes as table } from "../../src/domain/runtimes.ts";

test("the roster of what was found is valid whatever the folders are called", () => {
  const odd = "/opt/a b\nagents: []#/bin";
  const programs = runtimeNames.filter((name) => table[name].program.kind === "path");
  const runtimes = programs.map((name, index) => ({
    name,
    path: index === 0 ? odd : `/usr/bin/${name}`,
    installHint: "",
  }));
  const found = foundRoster(runtimes);
  const parsed = parseRoster(found?.text ?? "", { file: "found", home: "/home/ada" });
  if (!("roster" in parsed)) throw new Error(JSON.stringify(parsed));
  expect(parsed.roster.agents.map(({ name }) => name)).toEqual(programs);
  expect(found?.text).not.toContain("/opt/a");
  expect(foundRoster(runtimes.map((one) => ({ ...one, path: undefined })))).toBeUndefined();
});
