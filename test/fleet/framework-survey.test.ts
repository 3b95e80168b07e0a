// The judgement on one file, as a table.
import { expect, test } from "bun:test";
import {
  hasRightMode,
  judgeFile,
  type FileFacts,
  type FileState,
} from "../../src/fleet/framework-survey.ts";

const facts: FileFacts = {
  info: { kind: "file", mode: 0o644 },
  onDisk: "new",
  shipped: "new",
  ours: ["old"],
};
test.each<[string, Partial<FileFacts>, FileState]>([
  ["as shipped", {}, "current"],
  ["gone", { info: undefined, onDisk: undefined }, "missing"],
  ["ours of another version", { onDisk: "old" }, "old"],
  ["of nobody we know", { onDisk: "mine" }, "edited"],
  ["never recorded", { onDisk: "old", ours: [] }, "edited"],
  ["a link", { info: { kind: "symlink", mode: 0o777 }, onDisk: undefined }, "link"],
  ["writable by the group", { info: { kind: "file", mode: 0o664 } }, "mode"],
  ["under a stricter umask", { info: { kind: "file", mode: 0o600 } }, "current"],
  ["shipped no more, ours", { shipped: "", onDisk: "old" }, "old"],
  ["shipped no more, edited", { shipped: "", onDisk: "mine" }, "edited"],
])("a file that is %s", (_what, changed, expected) => {
  expect(judgeFile("fleet/tmux.conf", { ...facts, ...changed })).toBe(expected);
});

test("a script is right with its x bit alone", () => {
  expect([0o755, 0o700, 0o644, 0o777].map((bits) => hasRightMode("a.sh", bits))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
