// Extraction: what is written, kept, replaced and removed, and what the record says of it.
import { expect, test } from "bun:test";
import { chmodSync, lstatSync, mkdirSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { ensureFramework, extractFramework } from "../../src/fleet/framework.ts";
import {
  at,
  backup,
  conf,
  mode,
  program,
  record,
  tool,
  tree,
} from "../support/framework-versions.ts";
import { tempHome } from "../support/temp-home.ts";

test("a first extraction writes tools and fleet, with modes, and a record of it", async () => {
  using home = tempHome();
  const report = await extractFramework(program(home, "1.0.0"), { force: false });
  expect(report).toEqual({
    written: ["fleet/examples/demo.yaml", conf, tool],
    removed: [],
    replaced: [],
    kept: [],
  });
  expect(tree(home)).toEqual(["fleet/examples/demo.yaml", conf, "install.json", tool]);
  expect([
    mode(home, tool),
    mode(home, conf),
    mode(home, "tools"),
    mode(home, "install.json"),
  ]).toEqual([0o755, 0o644, 0o700, 0o644]);
  expect(record(home)).toEqual({
    schemaVersion: 1,
    version: "1.0.0",
    commit: "abc1234",
    installedAt: Date.parse("2026-01-31T23:59:59.123Z"),
    files: {
      "fleet/examples/demo.yaml": expect.stringMatching(/^[0-9a-f]{64}$/),
      [conf]: expect.stringMatching(/^[0-9a-f]{64}$/),
      [tool]: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    kept: [],
  });
});

test("a second extraction changes nothing", async () => {
  using home = tempHome();
  await extractFramework(program(home, "1.0.0"), { force: false });
  const before = statSync(home.at(at("install.json"))).ino;
  const report = await extractFramework(program(home, "1.0.0"), { force: false });
  expect(report).toEqual({ written: [], removed: [], replaced: [], kept: [] });
  expect(statSync(home.at(at("install.json"))).ino).toBe(before);
});

test("an update replaces ours, keeps the edited and drops what is shipped no more", async () => {
  using home = tempHome();
  await extractFramework(
    program(home, "1.0.0", { "tools/old.sh": "old\n", "tools/mine.sh": "old\n" }),
    { force: false },
  );
  home.write(at(conf), "# mine\n");
  home.write(at("tools/mine.sh"), "# mine\n");
  const report = await extractFramework(program(home, "1.1.0"), { force: false });
  expect(report).toEqual({
    written: [tool],
    removed: ["tools/old.sh"],
    replaced: [],
    kept: [conf],
  });
  expect([home.read(at(conf)), home.read(at("tools/mine.sh"))]).toEqual(["# mine\n", "# mine\n"]);
  expect(home.read(at(tool))).toContain("1.1.0");
  expect(record(home)).toMatchObject({ version: "1.1.0", kept: [conf] });
});

test("a kept file stays known as edited over further updates, and is ours again once it is as shipped", async () => {
  using home = tempHome();
  await extractFramework(program(home, "1.0.0"), { force: false });
  home.write(at(conf), "# mine\n");
  for (const version of ["1.1.0", "1.2.0"]) {
    expect((await extractFramework(program(home, version), { force: false })).kept).toEqual([conf]);
  }
  home.write(at(conf), "# 1.2.0\n", 0o644);
  expect((await extractFramework(program(home, "1.2.0"), { force: false })).kept).toEqual([]);
  expect((await extractFramework(program(home, "1.3.0"), { force: false })).written).toContain(
    conf,
  );
});

test("force replaces an edited file after a backup", async () => {
  using home = tempHome();
  await extractFramework(program(home, "1.0.0"), { force: false });
  home.write(at(tool), "# mine\n", 0o755);
  const report = await extractFramework(program(home, "1.0.0"), { force: true });
  expect(report.replaced).toEqual([{ path: tool, backup: home.at(at(tool + backup)) }]);
  expect(home.read(at(tool + backup))).toBe("# mine\n");
  expect([mode(home, tool), mode(home, tool + backup)]).toEqual([0o755, 0o755]);
  home.write(at(tool), "# mine too\n", 0o755);
  const again = await extractFramework(program(home, "1.0.0"), { force: true });
  expect(again.replaced).toEqual([{ path: tool, backup: home.at(at(`${tool}${backup}-2`)) }]);
});

test("a file that was there before us and differs is edited; one that is the same is ours", async () => {
  using home = tempHome();
  home.write(at(tool), "# there before\n");
  home.write(at(conf), "# 1.0.0\n", 0o644);
  const report = await extractFramework(program(home, "1.0.0"), { force: false });
  expect(report).toMatchObject({ written: ["fleet/examples/demo.yaml"], kept: [tool] });
});

test("a link in the place of a file is never written through; force moves it away", async () => {
  using home = tempHome();
  const target = home.write("elsewhere/tmux.conf", "# 1.0.0\n");
  mkdirSync(home.at(at("fleet")), { recursive: true });
  symlinkSync(target, home.at(at(conf)));
  const ctx = program(home, "1.1.0");
  expect((await extractFramework(ctx, { force: false })).kept).toEqual([conf]);
  await extractFramework(ctx, { force: true });
  expect(home.read("elsewhere/tmux.conf")).toBe("# 1.0.0\n");
  expect(readlinkSync(home.at(at(conf + backup)))).toBe(target);
  expect(lstatSync(home.at(at(conf))).isFile()).toBe(true);
});

test("a folder in the place of a file is kept like an edit", async () => {
  using home = tempHome();
  home.write(at(`${conf}/inside`), "x");
  expect((await extractFramework(program(home, "1.0.0"), { force: false })).kept).toEqual([conf]);
  await extractFramework(program(home, "1.0.0"), { force: true });
  expect(home.read(at(`${conf}${backup}/inside`))).toBe("x");
});

test("a script that lost its x bit, or that others can write, is written anew", async () => {
  using home = tempHome();
  await extractFramework(program(home, "1.0.0"), { force: false });
  chmodSync(home.at(at(tool)), 0o644);
  chmodSync(home.at(at(conf)), 0o666);
  await ensureFramework(program(home, "1.0.0"));
  expect([mode(home, tool), mode(home, conf)]).toEqual([0o755, 0o644]);
});

test.each(["{", "null", "[]", '{"schemaVersion":1,"files":[]}'])(
  "with the broken record %s nothing edited is lost",
  async (text) => {
    using home = tempHome();
    await extractFramework(program(home, "1.0.0"), { force: false });
    home.write(at(conf), "# mine\n");
    home.write(at("install.json"), text);
    const report = await extractFramework(program(home, "1.0.0"), { force: false });
    expect(report).toMatchObject({ written: [], kept: [conf] });
    expect(record(home)).toMatchObject({ version: "1.0.0", kept: [conf] });
  },
);

test("the record of a newer mosaic is not replaced, and no file that it wrote", async () => {
  using home = tempHome();
  await extractFramework(program(home, "1.0.0"), { force: false });
  const newer = '{ "schemaVersion": 2, "layers": {} }\n';
  home.write(at("install.json"), newer);
  home.write(at(tool), "# of the newer mosaic\n");
  await extractFramework(program(home, "0.9.0"), { force: false });
  expect(home.read(at("install.json"))).toBe(newer);
  expect(home.read(at(tool))).toBe("# of the newer mosaic\n");
});
