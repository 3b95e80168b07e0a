// What valibot leaves unsaid about the shape of a value: every unknown key (it names the first), a list in the place
// of a map (it takes one for the other), and variables whose names it passes over. Pure.
import type { LocatedFault, LocatedYaml } from "./located-yaml.ts";
import { suggest } from "./suggest.ts";
import { pathPrefix, type Path } from "./value-path.ts";

/** The parts of a valibot schema that decide on keys. */
export interface SchemaNode {
  type: string;
  entries?: Readonly<Record<string, SchemaNode>>;
  item?: SchemaNode;
  wrapped?: SchemaNode;
  message?: unknown;
}

export interface ShapeFault {
  fault: LocatedFault;
  /** Of the list that should be a map: what valibot says of its parts is noise. */
  listAt?: Path;
}

interface Visited {
  value: unknown;
  path: Path;
  yaml: LocatedYaml;
}

/** The faults of a value's shape, in no order. */
export function checkShape(schema: SchemaNode, { value, path, yaml }: Visited): ShapeFault[] {
  if (schema.wrapped) return checkShape(schema.wrapped, { value, path, yaml });
  const { entries, item } = schema;
  if (Array.isArray(value)) {
    if (entries || schema.type === "record") return [listForMap(schema, { value, path, yaml })];
    if (!item) return [];
    return value.flatMap((part, index) =>
      checkShape(item, { value: part, path: [...path, index], yaml }),
    );
  }
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const at = [...path, key];
    const known = entries && Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (known) return checkShape(known, { value: part, path: at, yaml });
    if (entries) return [unknownKey(at, Object.keys(entries), yaml)];
    return schema.type === "record" && ignoredKeys.includes(key) ? [ignoredKey(at, yaml)] : [];
  });
}

/** A record of valibot drops these without a word. */
const ignoredKeys = ["__proto__", "constructor", "prototype"];

function listForMap(schema: SchemaNode, { path, yaml }: Visited): ShapeFault {
  const expected = typeof schema.message === "string" ? schema.message : "a map";
  const message = `${pathPrefix(path)}expected ${expected}, found a list`;
  return { fault: { ...yaml.placeOf(path), message, hint: "" }, listAt: path };
}

function unknownKey(path: Path, known: readonly string[], yaml: LocatedYaml): ShapeFault {
  const key = String(path.at(-1));
  const near = suggest(key, known);
  const message = `${pathPrefix(path.slice(0, -1))}unknown key ${JSON.stringify(key)}`;
  const hint = near === undefined ? `known keys: ${known.join(", ")}` : `did you mean ${near}?`;
  return { fault: { ...yaml.placeOfKey(path), message, hint } };
}

function ignoredKey(path: Path, yaml: LocatedYaml): ShapeFault {
  const message = `${pathPrefix(path.slice(0, -1))}a variable cannot be named "${path.at(-1)}"`;
  return { fault: { ...yaml.placeOfKey(path), message, hint: "" } };
}
