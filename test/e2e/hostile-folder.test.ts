// The executable started in a folder that somebody else prepared: an agent's checkout can hold anything.
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { hostileFolder } from "../support/hostile-folder.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { outputOf, runCommand } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";

const buildTimeoutMs = 120_000;

test("the folder is hostile indeed: bun itself runs its code", async () => {
  using folder = hostileFolder();
  await runCommand([process.execPath, "-e", "0"], { cwd: folder.path });
  expect(existsSync(folder.at("it-ran"))).toBe(true);
});

test.each([
  [["--version"], 0],
  [["--help"], 0],
  [["agent", "--help"], 0],
  [["agent", "roster", "--json"], 0],
  [["agent", "status", "--json"], 3],
  [["doctor", "--json"], 3],
])(
  "%j in a hostile folder runs none of it",
  async (args, exitCode) => {
    using home = tempHome();
    using folder = hostileFolder();
    const options = {
      cwd: folder.path,
      env: { HOME: home.path, PATH: "/usr/bin:/bin", TMUX_TMPDIR: home.path },
    };
    const binary = await mosaicBinary();
    await outputOf([binary, "fleet", "init", "--profile", "minimal", "--write"], options);
    const result = await runCommand([binary, ...args], options);
    expect({ ...result, stdout: "" }).toMatchObject({ exitCode });
    expect(existsSync(home.at(".config/mosaic/fleet/roster.yaml"))).toBe(true);
    expect(existsSync(folder.at("it-ran")) || existsSync(folder.at("stolen"))).toBe(false);
  },
  buildTimeoutMs,
);

test(
  "settings of Bun and Node in the environment reach no child of ours",
  async () => {
    using home = tempHome();
    home.write("bin/tmux", `#!/bin/sh\nenv > "${home.at("seen")}"\nexit 1\n`, 0o755);
    await runCommand([await mosaicBinary(), "doctor"], {
      env: {
        HOME: home.path,
        PATH: `${home.at("bin")}:/usr/bin:/bin`,
        BUN_OPTIONS: "--smol",
        BUN_INSPECT_NOTIFY: "unix:///nowhere",
        NODE_OPTIONS: "--no-warnings",
      },
    });
    expect(home.read("seen")).not.toMatch(/^(?:BUN_|NODE_OPTIONS)/m);
  },
  buildTimeoutMs,
);
