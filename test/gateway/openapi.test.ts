import { expect, test } from "bun:test";
import { openapiDocument } from "../../src/gateway/openapi.ts";
import { routes } from "../../src/gateway/routes/table.ts";
import { expectGolden } from "../support/golden.ts";

const document = openapiDocument(routes, "0.0.0");

test("the description of the API is the one that was agreed on", () => {
  expectGolden("gateway/openapi.txt", () => `${JSON.stringify(document, null, 2)}\n`);
});

test("every route is described once, and nothing else is", () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const there = routes.map(({ method, path }) => `${method} ${path}`);
  expect(described.toSorted()).toEqual(there.toSorted());
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map((one) => Object(one).operationId),
  );
  expect(new Set(ids).size).toBe(routes.length);
});

test("what is open to everybody is little, and known", () => {
  const open = routes.filter(({ access }) => access === "public").map(({ path }) => path);
  expect(open.toSorted()).toEqual(["/api/v1/login", "/api/v1/openapi.json", "/healthz", "/readyz"]);
});
