import { expect, test } from "bun:test";
import { causeLine } from "../../src/domain/cause-line.ts";

const node = [
  "/app/run.js:3",
  '  throw new Error("boom");',
  "  ^",
  "",
  "Error: boom",
  "    at Object.<anonymous> (/app/run.js:3:9)",
  "    at Module._compile (node:internal/modules/cjs/loader:1554:14)",
  "",
  "Node.js v20.20.2",
];

test.each([
  [["pi: command not found", "hint: npm install -g pi"], "pi: command not found"],
  [node, "Error: boom"],
  [
    ["Traceback (most recent call last):", '  File "a.py"', "ValueError: no key"],
    "ValueError: no key",
  ],
  [
    ["npm error code E404", "npm error A complete log of this run can be found in: x"],
    "npm error code E404",
  ],
  [["working", "done"], "done"],
  [["hint: all there is"], "hint: all there is"],
  [["error: no login", "Failed later", ""], "error: no login"],
  [["", " "], undefined],
])("%j ended over %p", (screen, cause) => {
  expect(causeLine(screen)).toBe(cause);
});
