// Compares a value with a schema and says, at its place, what was expected and what was found. Pure.
import * as v from "valibot";
import type { LocatedFault, LocatedYaml } from "./located-yaml.ts";
import { checkShape, type SchemaNode } from "./roster-keys.ts";
import { rosterSchema, type WrittenRoster } from "./roster-schema.ts";
import { suggest } from "./suggest.ts";
import { pathPrefix, type Path } from "./value-path.ts";

/** A roster as its schema types it, or undefined with every fault, in no order. */
export function checkSchema(yaml: LocatedYaml): {
  written?: WrittenRoster;
  faults: LocatedFault[];
} {
  return checkAgainst(rosterSchema, yaml);
}

/** The value as the schema types it, or undefined with every fault, in no order. */
export function checkAgainst<const T extends v.GenericSchema & SchemaNode>(
  schema: T,
  yaml: LocatedYaml,
): { written?: v.InferOutput<T>; faults: LocatedFault[] } {
  const result = v.safeParse(schema, yaml.value);
  const shape = checkShape(schema, { value: yaml.value, path: [], yaml });
  const lists = shape.map(({ listAt }) => listAt).filter((path) => path !== undefined);
  const issues = (result.issues ?? []).filter(
    // An unknown key is told by its shape.
    (issue) => issue.expected !== "never" && !lists.some((list) => startsWith(pathOf(issue), list)),
  );
  const faults = [
    ...shape.map(({ fault }) => fault),
    ...issues.map((issue) => describe(issue, yaml)),
  ];
  return result.success && faults.length === 0 ? { written: result.output, faults } : { faults };
}

type Issue = v.BaseIssue<unknown>;

function pathOf(issue: Issue): Path {
  return (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}

function describe(issue: Issue, yaml: LocatedYaml): LocatedFault {
  const path = pathOf(issue);
  const last = issue.path?.at(-1);
  const isKey = last?.type === "object" && last.origin === "key";
  if (!isKey) return describeWrongValue(issue, { path, yaml });
  const key = JSON.stringify(path.at(-1));
  const around = path.slice(0, -1);
  if (issue.input === undefined) {
    const message = `${pathPrefix(around)}the key ${key} is missing`;
    return { ...yaml.placeOf(around), message, hint: "" };
  }
  const message = `${pathPrefix(around)}expected ${issue.message}, found ${key}`;
  return { ...yaml.placeOfKey(path), message, hint: "" };
}

function describeWrongValue(
  issue: Issue,
  { path, yaml }: { path: Path; yaml: LocatedYaml },
): LocatedFault {
  // What fails a check cannot be shown anyway, and may be a secret.
  const found =
    issue.type === "check" ? "" : `, found ${describeValue(issue.input, yaml.sourceOf(path))}`;
  const message = `${pathPrefix(path)}expected ${issue.message}${found}`;
  return { ...yaml.placeOf(path), message, hint: hintFor(issue) };
}

function hintFor(issue: Issue): string {
  if (issue.input === null) return "give it a value, or remove the key";
  if (issue.type === "string" && typeof issue.input === "boolean") return "put it in quotes";
  if (issue.type !== "picklist" || typeof issue.input !== "string") return "";
  const options = [...(issue.expected ?? "").matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
  const near = suggest(issue.input, options);
  return near === undefined ? "" : `did you mean ${near}?`;
}

const longestShown = 60;

function describeValue(value: unknown, source: string | undefined): string {
  if (typeof value === "number" || typeof value === "boolean") return source ?? String(value);
  if (typeof value !== "string") return describeCollection(value);
  return JSON.stringify(value.length > longestShown ? `${value.slice(0, longestShown)}…` : value);
}

function describeCollection(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return value === null ? "nothing" : "a map";
}
