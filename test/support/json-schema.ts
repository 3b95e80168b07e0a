// A JSON Schema validator of exactly the keywords that our generated schemas use; any other keyword is an error, so
// that it cannot pass over a rule in silence.

type Schema = Readonly<Record<string, unknown>>;

const annotations = new Set(["$schema", "title", "description", "examples"]);

/** What is wrong with a value, one line each with its path; empty when the schema accepts it. */
export function schemaFaults(schema: unknown, value: unknown, path = "$"): string[] {
  if (typeof schema === "boolean") return schema ? [] : [`${path}: nothing is allowed here`];
  if (!isObject(schema)) throw new Error(`${path}: not a schema`);
  return Object.keys(schema).flatMap((keyword) => {
    if (annotations.has(keyword)) return [];
    const check = keywords[keyword];
    if (check === undefined) throw new Error(`${path}: keyword ${keyword} is not known here`);
    return check({ rule: schema[keyword], schema, value, path });
  });
}

interface Checked {
  rule: unknown;
  schema: Schema;
  value: unknown;
  path: string;
}

const keywords: Record<string, (checked: Checked) => string[]> = {
  type: ({ rule, value, path }) => when(!hasType(value, rule), `${path}: is no ${String(rule)}`),
  const: ({ rule, value, path }) => when(value !== rule, `${path}: is not ${String(rule)}`),
  enum: ({ rule, value, path }) =>
    when(!list(rule).includes(value), `${path}: is none of the values`),
  not: ({ rule, value, path }) =>
    when(schemaFaults(rule, value, path).length === 0, `${path}: is excluded`),
  anyOf: ({ rule, value, path }) =>
    when(
      list(rule).every((schema) => schemaFaults(schema, value, path).length > 0),
      `${path}: fits no alternative`,
    ),
  pattern: ({ rule, value, path }) =>
    when(
      typeof value === "string" && !new RegExp(String(rule)).test(value),
      `${path}: does not match`,
    ),
  minimum: ({ rule, value, path }) =>
    when(typeof value === "number" && value < Number(rule), `${path}: too small`),
  maximum: ({ rule, value, path }) =>
    when(typeof value === "number" && value > Number(rule), `${path}: too large`),
  minItems: ({ rule, value, path }) =>
    when(Array.isArray(value) && value.length < Number(rule), `${path}: too short`),
  items: ({ rule, value, path }) =>
    list(value).flatMap((item, index) => schemaFaults(rule, item, `${path}[${index}]`)),
  required: ({ rule, value, path }) =>
    isObject(value)
      ? list(rule).flatMap((key) =>
          when(!Object.hasOwn(value, String(key)), `${path}: no ${String(key)}`),
        )
      : [],
  properties: ({ rule, value, path }) =>
    entries(value).flatMap(([key, part]) =>
      isObject(rule) && Object.hasOwn(rule, key)
        ? schemaFaults(rule[key], part, `${path}.${key}`)
        : [],
    ),
  propertyNames: ({ rule, value, path }) =>
    entries(value).flatMap(([key]) => schemaFaults(rule, key, `${path}.${key}`)),
  additionalProperties: ({ rule, schema, value, path }) =>
    entries(value)
      .filter(([key]) => !entries(schema["properties"]).some(([known]) => known === key))
      .flatMap(([key, part]) => schemaFaults(rule, part, `${path}.${key}`)),
};

function when(isFault: boolean, fault: string): string[] {
  return isFault ? [fault] : [];
}

function hasType(value: unknown, type: unknown): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

function isObject(value: unknown): value is Schema {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function entries(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}
