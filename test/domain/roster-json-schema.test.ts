// The JSON Schema for editors: in step with the code, and of one mind with the parser.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { parseRoster, rosterJsonSchema } from "../../src/domain/roster.ts";
import { schemaFaults } from "../support/json-schema.ts";

const fleet = `${import.meta.dir}/../../framework/fleet`;
const schema = await rosterJsonSchema();

test("roster.schema.json is what the code says; npm run schema writes it", () => {
  const written = readFileSync(`${fleet}/roster.schema.json`, "utf8");
  expect(written).toBe(`${JSON.stringify(schema, null, 2)}\n`);
});

test.each(["minimal", "local-canary", "demo"])("an editor accepts the example %s", (name) => {
  expect(
    schemaFaults(schema, parse(readFileSync(`${fleet}/examples/${name}.yaml`, "utf8"))),
  ).toEqual([]);
});

const one = "version: 1\nagents:\n  - name: a\n";

test.each([
  ["", "$: is no object"],
  ["version: 1\nagents: []\n", "$.agents: too short"],
  ["version: 2\nagents: [{name: a}]\n", "$.version: is not 1"],
  ["agents: [{name: a}]\n", "$: no version"],
  [`color: red\n${one}`, "$.color: nothing is allowed here"],
  [`${one}    workdirr: ~/\n`, "$.agents[0].workdirr: nothing is allowed here"],
  [`${one}    limits: {swapMax: 1G}\n`, "$.agents[0].limits.swapMax: nothing is allowed here"],
  [`socket: default\n${one}`, "$.socket: is excluded"],
  [`${one}    runtime: vim\n`, "$.agents[0].runtime: is none of the values"],
  [`${one}    env: {A-B: 1}\n`, "$.agents[0].env.A-B: does not match"],
  [`${one}    env: {A: [1]}\n`, "$.agents[0].env.A: fits no alternative"],
  [`${one}    limits: {memoryMax: 512}\n`, "$.agents[0].limits.memoryMax: fits no alternative"],
  [`${one}    limits: {tasksMax: 0}\n`, "$.agents[0].limits.tasksMax: too small"],
])("an editor and the parser both refuse %j", (text, expected) => {
  expect(schemaFaults(schema, parse(text))).toContain(expected);
  expect(parseRoster(text, { file: "roster.yaml", home: "/" })).toHaveProperty("faults");
});

test("every key tells an editor what it is for", () => {
  const silent: string[] = [];
  JSON.stringify(schema, function (this: unknown, key, value: unknown) {
    if (key === "properties" && value !== null && typeof value === "object") {
      for (const [name, part] of Object.entries(value)) {
        if (!Object.hasOwn(Object(part), "description")) silent.push(name);
      }
    }
    return value;
  });
  expect(silent).toEqual([]);
});
