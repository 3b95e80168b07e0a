// The framework as other commands and doctor meet it: cheap when current, and named where it differs.
import { expect, test } from "bun:test";
import { chmodSync, rmSync } from "node:fs";
import type { Context } from "../../src/context.ts";
import { ensureFramework, frameworkDrift } from "../../src/fleet/framework.ts";
import { failingFiles } from "../support/failing-files.ts";
import { fakeContext } from "../support/fake-context.ts";
import { at, conf, program, tool, tree } from "../support/framework-versions.ts";
import { tempHome } from "../support/temp-home.ts";

test("ensureFramework reads one file when nothing changed", async () => {
  using home = tempHome();
  await ensureFramework(program(home, "1.0.0"));
  const ctx = program(home, "1.0.0");
  const reads: string[] = [];
  const readBytes = async (path: string) => {
    reads.push(path);
    return ctx.files.readBytes(path);
  };
  const readText = async (path: string) => {
    reads.push(path);
    return ctx.files.readText(path);
  };
  const files = { ...failingFiles(ctx.files, 1), readBytes, readText };
  const assets: Context["assets"] = {
    list: () => Promise.reject(new Error("must not list")),
    read: () => Promise.reject(new Error("must not read")),
  };
  await ensureFramework({ ...ctx, files, assets });
  expect(reads).toEqual([home.at(at("install.json"))]);
});

test.each([conf, tool, "fleet", "install.json", ""])(
  "ensureFramework brings back %j",
  async (path) => {
    using home = tempHome();
    await ensureFramework(program(home, "1.0.0"));
    rmSync(home.at(at(path)), { recursive: true });
    await ensureFramework(program(home, "1.0.0"));
    expect(tree(home)).toEqual(["fleet/examples/demo.yaml", conf, "install.json", tool]);
  },
);

test("ensureFramework brings back an edited file that its owner removed", async () => {
  using home = tempHome();
  await ensureFramework(program(home, "1.0.0"));
  home.write(at(conf), "# mine\n");
  await ensureFramework(program(home, "1.1.0"));
  rmSync(home.at(at(conf)));
  await ensureFramework(program(home, "1.1.0"));
  expect(home.read(at(conf))).toBe("# 1.1.0\n");
});

test("ensureFramework names an edited file once per version", async () => {
  using home = tempHome();
  await ensureFramework(program(home, "1.0.0"));
  home.write(at(conf), "# mine\n");
  const said: string[] = [];
  for (const version of ["1.0.0", "1.1.0", "1.1.0", "1.2.0"]) {
    const ctx = program(home, version);
    await ensureFramework(ctx);
    said.push(ctx.stderr);
  }
  const line = `mosaic: kept your ${home.at(at(conf))}, which differs from the one of this version\n`;
  expect(said).toEqual(["", line, "", line]);
});

test("run from source, every change of the framework is extracted", async () => {
  using home = tempHome();
  const dev = (text: string) =>
    fakeContext({ home, assets: { [tool]: text }, host: { commit: "dev" } });
  await ensureFramework(dev("one\n"));
  await ensureFramework(dev("two\n"));
  expect(home.read(at(tool))).toBe("two\n");
});

test("drift names each file that is not as shipped", async () => {
  using home = tempHome();
  await ensureFramework(program(home, "1.0.0", { "tools/b.sh": "b\n", "tools/c.sh": "c\n" }));
  expect(
    await frameworkDrift(program(home, "1.0.0", { "tools/b.sh": "b\n", "tools/c.sh": "c\n" })),
  ).toEqual([]);
  rmSync(home.at(at(conf)));
  home.write(at("tools/b.sh"), "# mine\n", 0o755);
  chmodSync(home.at(at("tools/c.sh")), 0o600);
  const ctx = program(home, "1.0.0", {
    [tool]: "#!/bin/sh\n# other\n",
    "tools/b.sh": "b\n",
    "tools/c.sh": "c\n",
  });
  const drift = (await frameworkDrift(ctx)).map(({ file, state }) => [file, state]);
  expect(drift).toEqual([
    [home.at(at(conf)), "missing"],
    [home.at(at("tools/b.sh")), "edited"],
    [home.at(at("tools/c.sh")), "mode"],
    [home.at(at(tool)), "old"],
  ]);
});

test("the framework of this repository is extracted whole", async () => {
  using ctx = fakeContext();
  await ensureFramework(ctx);
  expect(await frameworkDrift(ctx)).toEqual([]);
  expect(tree(ctx.home)).toContain("tools/fleet/start-agent-session.sh");
  expect(tree(ctx.home)).toContain("fleet/roster.schema.json");
});
