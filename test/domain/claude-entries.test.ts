import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  entryCommand,
  settingsHooks,
  surveyEntries,
  withEntries,
  withoutEntries,
} from "../../src/domain/claude-entries.ts";
import { claudeEvents, claudeHome, isMatched } from "../../src/domain/claude-home.ts";
import { cutForeign, foreignId, putBackForeign } from "../../src/domain/foreign-hooks.ts";
import { readJson } from "../../src/domain/json-text.ts";

const target = { self: ["/opt/mosaic"], claudeHome: undefined };
const file = "settings.json";
const install = (text: string | undefined) => withEntries(text, { target, file });

/** Settings as people and programs have them. */
const hook = fc.record({ type: fc.constant("command"), command: fc.string() });
const group = fc.record(
  {
    matcher: fc.constantFrom("Bash", "Edit|Write", "*"),
    hooks: fc.array(hook, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ["hooks"] },
);
const event = fc.constantFrom(...claudeEvents, "WorktreeCreate");
const hooks = fc.dictionary(event, fc.array(group, { minLength: 1, maxLength: 3 }), { minKeys: 1 });
const settings = fc
  .record(
    { model: fc.string(), env: fc.dictionary(fc.string(), fc.string()), hooks },
    { requiredKeys: [] },
  )
  .filter((value) => Object.keys(value).length > 0);
const space = fc.constantFrom<string | number | undefined>(undefined, 2, 4, "\t");

test("foreign keys, their order and their bytes stay; ours come behind, and go without a trace", () => {
  fc.assert(
    fc.property(settings, space, (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const installed = install(text);
      const found = settingsHooks(readJson(installed, file), installed);
      expect(surveyEntries(found, target)).toEqual({ missing: [], stale: [], surplus: [] });
      expect(foreign(installed)).toEqual(foreign(text));
      expect(Object.keys(JSON.parse(installed))).toEqual([
        ...new Set([...Object.keys(value), "hooks"]),
      ]);
      expect(install(installed)).toBe(installed);
      expect(withoutEntries(installed, file)).toBe(text);
    }),
  );
});

function foreign(text: string): unknown {
  return settingsHooks(readJson(text, file), text)
    .filter(({ isOurs }) => !isOurs)
    .map(({ event: name, matcher, command }) => [name, matcher, command]);
}

test("any foreign hook can be cut out and put back to the byte, also when all are", () => {
  fc.assert(
    fc.property(settings, space, (value, indent) => {
      const before = JSON.stringify(value, null, indent);
      const cuts = [];
      let text = before;
      for (;;) {
        const [next] = settingsHooks(readJson(text, file), text);
        if (next === undefined) break;
        const { rest, cut } = cutForeign(text, { hook: next, file });
        cuts.push(cut);
        text = rest;
      }
      for (const cut of cuts.toReversed()) text = putBackForeign(text, { ...cut, file });
      expect(text).toBe(before);
    }),
  );
});

test("a foreign hook goes back into a file that has changed since", () => {
  const before = '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a"}]}]}}';
  const [found] = settingsHooks(readJson(before, file), before);
  if (found === undefined) throw new Error("no hook");
  const { cut } = cutForeign(before, { hook: found, file });
  const later = '{\n  "model": "opus"\n}\n';
  expect(JSON.parse(putBackForeign(later, { ...cut, file }))).toEqual({
    model: "opus",
    ...JSON.parse(before),
  });
  expect(foreignId(found)).toBe(cut.id);
});

test("an entry of another binary is mended in its place, a second one goes", () => {
  const old = withEntries('{"model":"opus"}', {
    target: { ...target, self: ["/old/mosaic"] },
    file,
  });
  const stop = JSON.parse(old).hooks.Stop[0];
  const twice = old.replace('"Stop":[', `"Stop":[${JSON.stringify(stop)},`);
  expect(install(twice)).toBe(install('{"model":"opus"}'));
});

test.each([
  ['{"hooks": []}', "hooks is not a map"],
  ['{"hooks": {"Stop": {}}}', "hooks.Stop is not a list"],
  ["[]", "the file is not a map"],
  ['{"hooks": {},}', "not valid JSON"],
])("%s is refused: %s", (text, message) => {
  expect(() => install(text)).toThrow(message);
});

test("the command of an entry ends well without the binary, whatever its path", () => {
  const odd = { self: ["/opt/it's here/mosaic"], claudeHome: "/etc/claude home" };
  const command = entryCommand("Stop", odd);
  const { exitCode, stderr } = Bun.spawnSync(["/bin/sh", "-c", command]);
  expect([exitCode, stderr.toString()]).toEqual([0, ""]);
});

test.each([
  [undefined, "Bash", true],
  ["", "Bash", true],
  ["*", "Bash", true],
  ["Bash", "Bash", true],
  ["Edit|Write", "Write", true],
  ["Edit, Write", "Write", true],
  ["Edit|Write", "NotebookEdit", false],
  ["mcp__.*__write", "mcp__memory__write_all", true],
  ["^Note", "NotebookEdit", true],
  ["(", "Bash", false],
])("the matcher %s is for the tool %s: %s", (matcher, tool, expected) => {
  const payload = { tool_name: tool };
  expect(isMatched(matcher, { event: "PreToolUse", payload })).toBe(expected);
});

test("a matcher means nothing at an event that has no subject", () => {
  expect(isMatched("Bash", { event: "Stop", payload: {} })).toBe(true);
});

test.each([
  [{}, { dir: "/home/u/.claude", source: "default", hasConflict: false }],
  [{ CLAUDE_CONFIG_DIR: "/c/" }, { dir: "/c", source: "CLAUDE_CONFIG_DIR", hasConflict: false }],
  [
    { CLAUDE_HOME: "/h", CLAUDE_CONFIG_DIR: "/c" },
    { dir: "/h", source: "CLAUDE_HOME", hasConflict: true },
  ],
  [
    { CLAUDE_HOME: "/h", CLAUDE_CONFIG_DIR: "/h/" },
    { dir: "/h", source: "CLAUDE_HOME", hasConflict: false },
  ],
] as const)("the folder of %o", (env, expected) => {
  expect(claudeHome(env, { home: "/home/u" })).toEqual(expected);
});

test.each([
  ['"Stop":[OURS],"Stop":[THEIRS]', '"Stop":[OURS],"Stop":[THEIRS]'],
  ['"Stop":[OURS],"Stop":[]', '"Stop":[OURS],"Stop":[]'],
  ['"Stop":[THEIRS],"Stop":[OURS]', '"Stop":[THEIRS],"Stop":[]'],
  ['"Stop":[OURS],"Stop":[THEIRS,OURS]', '"Stop":[OURS],"Stop":[THEIRS]'],
])(
  "of an event that is written twice (%s) only ours go, and what did not count still does not",
  (before, after) => {
    const ours = JSON.stringify({
      hooks: [{ type: "command", command: entryCommand("Stop", target) }],
    });
    const theirs = JSON.stringify({ hooks: [{ type: "command", command: "mine" }] });
    const text = (events: string) =>
      `{"hooks":{${events.replaceAll("OURS", ours).replaceAll("THEIRS", theirs)}}}`;
    expect(withoutEntries(text(before), file)).toBe(text(after));
  },
);
