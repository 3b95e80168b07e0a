// What is switched back is as it was, to the byte, also in a hooks-config.json that a person wrote.
import { expect, test } from "bun:test";
import { main } from "../../src/main.ts";
import { fakeContext } from "../support/fake-context.ts";

const settings = ".claude/settings.json";
const config = ".claude/hooks-config.json";
const stop = { hooks: [{ type: "command", command: "mine" }] };
const own = '{"id":"own","events":["Stop"],"command":"true"}';

test.each([
  `{"version":1,"hooks":[${own}]}`,
  `{"version":1,"events":{"Stop":true},"hooks":[${own}],"foreign":[]}`,
  `{\n  "version": 1,\n  "hooks": [${own}]\n}\n`,
  `{\n  "version": 1,\n  "events": { },\n  "hooks": [\n    ${own}\n  ]\n}\n`,
])("all of it off and on again leaves %s", async (text) => {
  using ctx = fakeContext();
  ctx.home.write(settings, JSON.stringify({ hooks: { Stop: [stop], WorktreeCreate: [stop] } }));
  ctx.home.write(config, text);
  const hooks = async (...words: string[]) =>
    expect([words, await main(["config", "hooks", ...words], ctx)]).toEqual([words, 0]);
  await hooks("repair");
  const before = [ctx.home.read(settings), text];
  await hooks("list", "--json");
  const [id = ""] = /foreign-[0-9a-f]+/.exec(ctx.stdout) ?? [];
  for (const names of [
    ["Stop", "own", "WorktreeCreate"],
    ["own", "Stop"],
    [id, "PreCompact"],
  ]) {
    for (const name of names) await hooks("disable", name);
    expect(ctx.home.read(config)).not.toBe(text);
    for (const name of names.toReversed()) await hooks("enable", name);
    expect([ctx.home.read(settings), ctx.home.read(config)]).toEqual(before);
  }
});

test.each(['{"hooks":{"Stop":{}}}', '{"hooks":[]}', "[]"])(
  "a hook that cannot be put back into %s is told, and kept",
  async (text) => {
    using ctx = fakeContext();
    ctx.home.write(settings, JSON.stringify({ hooks: { Stop: [stop] } }));
    await main(["config", "hooks", "repair"], ctx);
    await main(["config", "hooks", "disable", "Stop"], ctx);
    ctx.home.write(settings, text);
    const from = ctx.stderr.length;
    expect(await main(["config", "hooks", "enable", "Stop"], ctx)).toBe(4);
    expect(ctx.stderr.slice(from)).not.toContain("enabled");
    expect(ctx.home.read(config)).toContain("mine");
    expect(ctx.home.read(settings)).toBe(text);
  },
);
