// Extraction that is cut short at any change of the disk: the next run completes it, and no edit is lost.
import { expect, test } from "bun:test";
import { ensureFramework, extractFramework } from "../../src/fleet/framework.ts";
import { failingFiles } from "../support/failing-files.ts";
import { at, conf, program, record, tool, tree } from "../support/framework-versions.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";

/** Interrupts an update to 1.1.0 at every change of the disk in turn, and hands each wreck to `check`. */
async function atEveryChange(
  options: { force: boolean },
  check: (wreck: { home: TempHome; failAt: number }) => Promise<void>,
): Promise<number> {
  for (let failAt = 1; ; failAt++) {
    using home = tempHome();
    await extractFramework(program(home, "1.0.0", { "tools/old.sh": "old\n" }), { force: false });
    home.write(at("fleet/examples/demo.yaml"), "# mine\n");
    const ctx = program(home, "1.1.0");
    const files = failingFiles(ctx.files, failAt);
    const interrupted = { ...ctx, files };
    const done = await extractFramework(interrupted, options).then(
      () => true,
      (error: unknown) => {
        expect(String(error)).toContain("no space left on device");
        return false;
      },
    );
    if (done) return failAt;
    await check({ home, failAt });
  }
}

test("whatever write is interrupted, the next run completes and keeps what was edited", async () => {
  const steps = await atEveryChange({ force: false }, async ({ home }) => {
    await ensureFramework(program(home, "1.1.0"));
    expect(tree(home)).toEqual(["fleet/examples/demo.yaml", conf, "install.json", tool]);
    expect([
      home.read(at(conf)),
      home.read(at(tool)),
      home.read(at("fleet/examples/demo.yaml")),
    ]).toEqual(["# 1.1.0\n", "#!/bin/sh\n# 1.1.0\n", "# mine\n"]);
    expect(record(home)).toMatchObject({ version: "1.1.0", kept: ["fleet/examples/demo.yaml"] });
    expect(record(home)).not.toHaveProperty("pending");
  });
  // The announcement, two files, one removal, the record.
  expect(steps).toBe(6);
});

test("an interrupted update followed by another version, or by the old one, mistakes nothing of ours for edited", async () => {
  for (const version of ["1.0.0", "1.2.0"]) {
    await atEveryChange({ force: false }, async ({ home }) => {
      const report = await extractFramework(program(home, version), { force: false });
      expect(report.kept).toEqual(["fleet/examples/demo.yaml"]);
      expect(home.read(at(conf))).toBe(`# ${version}\n`);
    });
  }
});

test("two interrupted updates in a row mistake nothing of ours for edited", async () => {
  await atEveryChange({ force: false }, async ({ home, failAt }) => {
    const second = program(home, "1.2.0");
    const files = failingFiles(second.files, failAt);
    await extractFramework({ ...second, files }, { force: false }).catch(() => undefined);
    const report = await extractFramework(program(home, "1.3.0"), { force: false });
    expect(report.kept).toEqual(["fleet/examples/demo.yaml"]);
  });
});

test("an interrupted replacement by force has lost no edit", async () => {
  await atEveryChange({ force: true }, async ({ home }) => {
    const mine = tree(home).filter((path) => home.read(at(path)) === "# mine\n");
    expect(mine.length).toBeGreaterThan(0);
  });
});

test("a full disk leaves every file whole and says which one could not be written", async () => {
  using home = tempHome();
  const ctx = program(home, "1.0.0");
  const files = failingFiles(ctx.files, 3);
  const fault = await extractFramework({ ...ctx, files }, { force: false }).catch(String);
  expect(fault).toContain(`cannot write ${home.at(at(conf))}: no space left on device`);
  expect(tree(home)).toEqual(["fleet/examples/demo.yaml", "install.json"]);
});
