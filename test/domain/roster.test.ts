// The parser of the roster. Over 200 lines because the table of bad rosters belongs into one place.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { parseRoster, type Agent, type Roster } from "../../src/domain/roster.ts";
import { runtimeNames } from "../../src/domain/runtimes.ts";
import { expectGolden, goldenNames } from "../support/golden.ts";

const options = { file: "roster.yaml", home: "/home/tester" };

function parse(text: string): Roster {
  const parsed = parseRoster(text, options);
  if ("faults" in parsed) throw new Error(JSON.stringify(parsed.faults, null, 2));
  return parsed.roster;
}

/** `line:column message (hint)`, one line each. */
function faultsOf(text: string): string[] {
  const parsed = parseRoster(text, options);
  if ("roster" in parsed) return [];
  return parsed.faults.map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}${hint && ` (${hint})`}`,
  );
}

test.each(goldenNames("roster"))("golden roster %s", (name) => {
  expectGolden(`roster/${name}`, (input) => {
    const faults = faultsOf(input);
    return faults.length > 0
      ? `${faults.join("\n")}\n`
      : `${JSON.stringify(parse(input), null, 2)}\n`;
  });
});

test.each(["minimal", "local-canary", "demo"])("the example %s is a valid roster", (name) => {
  const text = readFileSync(
    `${import.meta.dir}/../../framework/fleet/examples/${name}.yaml`,
    "utf8",
  );
  expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=./roster.schema.json");
  const agents = parse(text).agents.map(
    (agent) => `${agent.name} ${agent.runtime} ${agent.workdir}`,
  );
  expect(agents).toEqual(
    {
      minimal: ["canary-pi pi /home/tester"],
      "local-canary": [
        "canary-pi pi /home/tester",
        "reviewer claude /home/tester",
        "builder codex /home/tester",
      ],
      demo: ["canary-1 canary /home/tester", "canary-2 canary /home/tester"],
    }[name] ?? [],
  );
});

const head = "version: 1\nagents:\n";
const one = `${head}  - name: a\n`;

test.each([
  ["an empty file", "", "1:1 roster.yaml is empty"],
  ["comments alone", "# later\n", "1:1 roster.yaml is empty"],
  ["a file of one word", "roster\n", "1:1 expected a map with version and agents"],
  ["a list", "- name: a\n", "1:1 expected a map with version and agents, found a list"],
  [
    "a tab as indentation",
    "version: 1\nagents:\n\t- name: a\n",
    "3:1 expected spaces, found a tab",
  ],
  ["two documents", `${one}---\n${one}`, "4:1 expected one YAML document"],
  [
    "a quote that is never closed",
    `${head}  - name: "a\n    runtime: pi\n`,
    "3:11 the quote that starts here",
  ],
  ["a bracket that is never closed", `${one}    args: [x\n`, "5:1 not valid YAML"],
  [
    "a colon in a plain value",
    `${one}    envFile: /a: b\n`,
    "4:14 expected one value, found a second",
  ],
  ["keys in different columns", `${one}   runtime: pi\n`, "4:1 wrong indentation"],
  ["a tag", `${one}    workdir: !path ~/\n`, "4:14 expected plain data, found a tag"],
  ["an unknown anchor", `${one}    env: *shared\n`, "4:10 there is no anchor &shared"],
  [
    "an alias in its own anchor",
    `${one}    args: &x [*x]\n`,
    "4:15 the alias *x stands inside its own anchor",
  ],
  ["a merge of no map", `${one}    <<: pi\n`, "4:9 expected a map or an alias of one behind <<"],
  ["a map as key", `${one}    ? {x: 1}\n    : 2\n`, "4:7 expected a plain word as key"],
  ["a NUL character", `${one}    workdir: /a\0b\n`, "4:16 found a NUL character"],
  [
    "a duplicate key",
    `${one}    runtime: pi\n    runtime: codex\n`,
    '5:5 the key "runtime" is there twice, first on line 4',
  ],
  [
    "a duplicate key with CRLF",
    `version: 1\r\nversion: 1\r\nagents:\r\n  - name: a\r\n`,
    '2:1 the key "version" is there twice',
  ],
  [
    "a fault behind a byte order mark",
    `\uFEFFversion: 2\nagents:\n  - name: a\n`,
    "1:10 expected 1, found 2".replace("expected", "version: expected"),
  ],
  [
    "duplicate names",
    `${one}  - name: b\n  - name: a\n`,
    '5:11 two agents are named "a": line 3 and line 5',
  ],
  [
    "a list of variables",
    `${one}    env: [A=1]\n`,
    "4:10 agents[0].env: expected a map of variables, found a list",
  ],
  [
    "an empty list as limits",
    `${one}    limits: []\n`,
    "4:13 agents[0].limits: expected a map with memoryMax",
  ],
  ["a missing version", "agents:\n  - name: a\n", '1:1 the key "version" is missing'],
  ["no agents", "version: 1\n", '1:1 the key "agents" is missing'],
  [
    "agents without a value",
    "version: 1\nagents:\n",
    "2:1 agents: expected a list of agents, found nothing",
  ],
  [
    "an empty list of agents",
    "version: 1\nagents: []\n",
    "2:9 agents: expected at least one agent, found an empty list",
  ],
  ["a missing name", `${head}  - runtime: pi\n`, '3:5 agents[0]: the key "name" is missing'],
  ["a name with a dot", `${head}  - name: a.b\n`, "3:11 agents[0].name: expected a name of"],
  ["a name like an option", `${head}  - name: -x\n`, "3:11 agents[0].name: expected a name of"],
  ["a name like a command", `${head}  - name: $(id)\n`, "3:11 agents[0].name: expected a name of"],
  ["a name like a path", `${head}  - name: ../x\n`, "3:11 agents[0].name: expected a name of"],
  [
    "our own session's name",
    `${head}  - name: _holder\n`,
    "3:11 agents[0].name: expected a name of",
  ],
  [
    "a name of 41 letters",
    `${head}  - name: ${"a".repeat(41)}\n`,
    "3:11 agents[0].name: expected a name of",
  ],
  [
    "a name with a line break",
    `${head}  - name: "a\\n"\n`,
    "3:11 agents[0].name: expected a name of",
  ],
  ["a boolean as name", `${head}  - name: true\n`, "3:11 agents[0].name: expected a name of"],
  [
    "an unknown key",
    `${one}    workdirr: ~/\n`,
    '4:5 agents[0]: unknown key "workdirr" (did you mean workdir?)',
  ],
  [
    "an unknown key like nothing",
    `${one}    zzz: 1\n`,
    '4:5 agents[0]: unknown key "zzz" (known keys: name, runtime',
  ],
  [
    "a key of every object",
    `${one}    constructor: 1\n`,
    '4:5 agents[0]: unknown key "constructor"',
  ],
  [
    "a prototype as key",
    `${one}    __proto__: {runtime: pi}\n`,
    '4:5 agents[0]: unknown key "__proto__"',
  ],
  [
    "a prototype as variable",
    `${one}    env: {__proto__: 1}\n`,
    '4:11 agents[0].env: a variable cannot be named "__proto__"',
  ],
  ["your own tmux socket", `socket: default\n${one}`, "1:9 socket: expected a socket of our own"],
  ["a socket with a slash", `socket: a/b\n${one}`, "1:9 socket: expected a tmux socket name"],
  [
    "a window as hex number",
    `window: 0x50\n${one}`,
    "1:9 window: expected columns x rows, such as 200x50, found 0x50",
  ],
  ["a window of no rows", `window: 200x0\n${one}`, "1:9 window: expected columns x rows"],
  [
    "an unknown runtime",
    `${one}    runtime: cluade\n`,
    "4:14 agents[0].runtime: expected one of canary",
  ],
  [
    "a relative workdir",
    `${one}    workdir: work\n`,
    "4:14 agents[0].workdir: expected a path that starts with / or ~/",
  ],
  ["somebody else's home", `${one}    workdir: ~root\n`, "4:14 agents[0].workdir: expected a path"],
  [
    "a workdir of two lines",
    `${one}    workdir: "/a\\n/b"\n`,
    "4:14 agents[0].workdir: expected a path",
  ],
  [
    "a workdir with a bell",
    `${one}    workdir: "/a\\a"\n`,
    "4:14 agents[0].workdir: expected a path without control characters",
  ],
  [
    "a shell string as args",
    `${one}    args: htop -d\n`,
    '4:11 agents[0].args: expected a list of arguments, found "htop -d"',
  ],
  [
    "an argument with NUL",
    `${one}    args: ["a\\0b"]\n`,
    "4:12 agents[0].args[0]: expected text without a NUL character",
  ],
  [
    "an argument of half a character",
    `${one}    args: ["\\uD800"]\n`,
    "4:12 agents[0].args[0]: expected text",
  ],
  [
    "an argument that is nothing",
    `${one}    args: [a, ]\n    env: {A: }\n`,
    "5:11 agents[0].env.A: expected text, found nothing",
  ],
  [
    "a variable with a hyphen",
    `${one}    env: {A-B: 1}\n`,
    "4:11 agents[0].env: expected a variable's name of",
  ],
  [
    "a secret that is never shown",
    `${one}    env: {A: "s3cret\\0"}\n`,
    "4:14 agents[0].env.A: expected text without a NUL character",
  ],
  [
    "a command without args",
    `${one}    runtime: command\n`,
    "4:14 agents[0]: expected args with the program to run",
  ],
  [
    "a command of an empty word",
    `${one}    runtime: command\n    args: [""]\n`,
    "5:11 agents[0]: expected args",
  ],
  ["a command by default", `defaults: {runtime: command}\n${one}`, "4:11 agents[0]: expected args"],
  [
    "memory in bytes by accident",
    `${one}    limits: {memoryMax: 512}\n`,
    "4:25 agents[0].limits.memoryMax: expected a size such as 512M",
  ],
  [
    "memory with a shell in it",
    `${one}    limits: {memoryMax: "1G -p X=y"}\n`,
    "4:25 agents[0].limits.memoryMax: expected a size",
  ],
  [
    "a quota without percent",
    `${one}    limits: {cpuQuota: 1.5}\n`,
    "4:24 agents[0].limits.cpuQuota: expected a percentage such as 150%, found 1.5",
  ],
  [
    "half a task",
    `${one}    limits: {tasksMax: 0.5}\n`,
    "4:24 agents[0].limits.tasksMax: expected a whole number",
  ],
  [
    "a duration without unit",
    `${one}    restart: {window: 15}\n`,
    "4:23 agents[0].restart.window: expected a duration such as",
  ],
  [
    "a duration of nothing",
    `${one}    restart: {backoff: 0s}\n`,
    "4:24 agents[0].restart.backoff: expected a duration",
  ],
  [
    "a backoff above its maximum",
    `${one}    restart: {backoff: 2m, backoffMax: 1m}\n`,
    "4:24 agents[0].restart: expected a backoff of at most backoffMax (1m), found 2m",
  ],
  [
    "a backoff above the default's maximum",
    `defaults: {restart: {backoffMax: 10s}}\n${one}    restart: {backoff: 1m}\n`,
    "5:24 agents[0].restart: expected a backoff of at most",
  ],
  [
    "a misspelt policy",
    `${one}    restart: {policy: alway}\n`,
    "4:23 agents[0].restart.policy: expected always",
  ],
])("%s is refused at its place", (_what, text, expected) => {
  const [first = ""] = faultsOf(text);
  expect(first.slice(0, expected.length)).toBe(expected);
});

test("every fault is told in one run, in the order of the lines", () => {
  const text = `verson: 1\nagents:\n  - name: A\n    runtme: pi\n  - name: b\n    workdir: x\n  - name: b\n`;
  expect(faultsOf(text).map((fault) => fault.split(" ")[0])).toEqual([
    "1:1",
    "1:1",
    "3:11",
    "4:5",
    "6:14",
    "7:11",
  ]);
});

test("an alias bomb is refused, and quickly", () => {
  const layers = "bcdefghi".split("").map(
    (name, index) =>
      `${name}: &${name} [${Array(10)
        .fill(`*${"abcdefgh".charAt(index)}`)
        .join(", ")}]`,
  );
  const faults = faultsOf(`a: &a [${Array(10).fill("x").join(", ")}]\n${layers.join("\n")}\n`);
  const bombs = faults.filter((fault) => fault.includes("the aliases expand to more than"));
  expect(bombs).toEqual(["5:36 the aliases expand to more than 100000 values"]);
});

test.each([
  ["brackets", "[".repeat(50_000)],
  ["dashes", "- ".repeat(50_000)],
  ["maps and a quote", `${"{a: ".repeat(5000)}'x`],
])("endless nesting of %s is a fault, not a crash", (_what, text) => {
  expect(faultsOf(text)).toHaveLength(1);
});

test("a roster of more than a mebibyte is refused", () => {
  expect(faultsOf(`${one}#${"x".repeat(1_048_576)}\n`)[0]).toStartWith("1:1 the file has");
});

test("a thousand agents that share one anchor are fine", () => {
  const shared = "  - &base {name: a0, runtime: canary, env: {A: b}, restart: {burst: 9}}\n";
  const others = Array.from(
    { length: 999 },
    (_, index) => `  - {<<: *base, name: a${index + 1}}\n`,
  );
  expect(parse(head + shared + others.join("")).agents).toHaveLength(1000);
});

test.each([
  ["~", "/home/tester"],
  ["~/", "/home/tester"],
  ["~/a b/", "/home/tester/a b"],
  ["/", "/"],
  ["/srv//", "/srv"],
  ["/srv/~", "/srv/~"],
])("workdir %s is %s", (written, expanded) => {
  expect(parse(`${one}    workdir: ${JSON.stringify(written)}\n`).agents[0]?.workdir).toBe(
    expanded,
  );
});

test("a home with signs that mean something in a replacement is taken as it is", () => {
  const parsed = parseRoster(`${one}    envFile: ~/x\n`, { file: "f", home: "/h/$&/$1/" });
  expect("roster" in parsed && parsed.roster.agents[0]?.envFile).toBe("/h/$&/$1/x");
});

const bits = [
  "version: 1\n",
  "agents:\n",
  "  - name: a\n",
  "    env: {",
  "}",
  "[",
  "]",
  "*a",
  "&a ",
  "<<: ",
  "- ",
  "? ",
  ": ",
  "\t",
  '"',
  "'",
  "|\n",
  ">\n",
  "#",
  "%",
  "!",
  "---\n",
  "...\n",
  "\n",
  "\r\n",
  "\r",
  "\uFEFF",
  "\0",
  "\uD800",
  "é",
  "1",
  "null",
  "restart: {backoff: 1m}",
  "    runtime: command\n",
  "__proto__: ",
  "constructor: ",
  ",",
];

test("the parser never throws, and every fault has a place in the text", () => {
  const pieces = fc.array(
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...bits) }, fc.string()),
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join("");
      const parsed = parseRoster(text, options);
      if ("roster" in parsed) return;
      const lines = text.split("\n");
      expect(parsed.faults.length).toBeGreaterThan(0);
      for (const { line, column, message } of parsed.faults) {
        expect(lines[line - 1]).toBeDefined();
        expect(column).toBeWithin(1, (lines[line - 1] ?? "").length + 2);
        expect(message).not.toBe("");
      }
    }),
    { numRuns: 2000 },
  );
});

const word = fc
  .string({ unit: "grapheme" })
  .filter((text) => !text.includes("\0") && text.isWellFormed());
const agentArbitrary: fc.Arbitrary<Agent> = fc.record(
  {
    name: fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/),
    runtime: fc.constantFrom(...runtimeNames),
    workdir: fc.stringMatching(/^\/[A-Za-z0-9$%{}' "#]{0,20}x$/),
    args: fc.array(word, { maxLength: 3 }).map((args) => ["program", ...args]),
    env: fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/), word, { maxKeys: 3 }),
    envFile: fc.stringMatching(/^\/[a-z]{1,9}$/),
    limits: fc.record(
      {
        memoryMax: fc.constantFrom("1M", "1.5G", "50%", "infinity"),
        cpuQuota: fc.constantFrom("1%", "150%"),
        tasksMax: fc.integer({ min: 1, max: 999 }),
      },
      { requiredKeys: [] },
    ),
    restart: fc.record({
      policy: fc.constantFrom("always", "on-failure", "never"),
      burst: fc.integer({ min: 1, max: 1000 }),
      windowMs: fc.integer({ min: 1, max: 999_999 }),
      backoffMs: fc.integer({ min: 1, max: 9999 }),
      backoffMaxMs: fc.integer({ min: 10_000, max: 999_999 }),
    }),
  },
  { requiredKeys: ["name", "runtime", "workdir", "args", "env", "limits", "restart"] },
);

test("what a roster says is what the parser returns", () => {
  const agents = fc.uniqueArray(agentArbitrary, {
    minLength: 1,
    maxLength: 4,
    selector: (agent) => agent.name,
  });
  fc.assert(
    fc.property(agents, (wanted) => {
      const written = wanted.map(
        ({ restart: { policy, burst, windowMs, backoffMs, backoffMaxMs }, ...agent }) => ({
          ...agent,
          restart: {
            policy,
            burst,
            window: `${windowMs}ms`,
            backoff: `${backoffMs}ms`,
            backoffMax: `${backoffMaxMs}ms`,
          },
        }),
      );
      // JSON is YAML, but for what JSON.stringify leaves in strings: both read the same escapes.
      expect(parse(JSON.stringify({ version: 1, agents: written }, null, 1)).agents).toEqual(
        wanted,
      );
    }),
    { numRuns: 200 },
  );
});
