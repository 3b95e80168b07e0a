// install.sh is killed before and after each program that it runs, meets a full and a read-only disk, and is run by
// another user: afterwards the old or the new version runs, and the next installation puts everything right.
import { afterAll, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { addRelease, testSigner } from "./support/fake-release.ts";
import { runCommand } from "./support/run-command.ts";
import { tempHome, type TempHome } from "./support/temp-home.ts";

const releases = tempHome();
const signer = testSigner();
for (const version of ["0.2.0", "0.3.0"]) addRelease(releases.path, { version, signer });
// Another user reads it too.
chmodSync(releases.path, 0o755);
afterAll(() => releases.remove());

const root = ".local/share/mosaic";
const link = ".local/bin/mosaic";
const usualPath = "/usr/local/bin:/usr/bin:/bin";
/** Dozens of installations, on a machine that has other things to do. */
const limitMs = 180_000;

function environment(home: TempHome): Record<string, string> {
  return { HOME: home.path, PATH: usualPath, MOSAIC_INSTALL_BASE_URL: releases.path };
}

async function install(home: TempHome, ...args: string[]) {
  const argv = ["sh", `${releases.path}/install.sh`, ...args];
  return await runCommand(argv, { env: environment(home), cwd: "/" });
}

async function versionIn(home: TempHome): Promise<string> {
  const argv = [home.at(link), "--version"];
  return (await runCommand(argv, { env: { PATH: usualPath } })).stdout.trim();
}

/** Programs by which install.sh changes something; none of them runs beside another one. */
const stepPrograms = "mkdir cp zstd chmod ln mv cat rm".split(" ");

/**
 * A PATH on which each of these programs notes that it runs, and kills the whole installer at one moment: `at` counts
 * from 0 and twice per program, before and after it.
 */
function steppedPath(home: TempHome, at: number): string {
  const steps = home.at("steps");
  mkdirSync(steps, { recursive: true });
  for (const name of stepPrograms) {
    const real = Bun.which(name, { PATH: usualPath }) ?? "";
    const moment = (when: string) =>
      `echo "${when} ${name} $*" >>'${steps}/log'; [ "$(wc -l <'${steps}/log')" != ${at + 1} ] || kill -KILL 0\n`;
    const script = `#!/bin/sh\n${moment("before")}'${real}' "$@"; rc=$?\n${moment("after")}exit $rc\n`;
    home.write(`steps/bin/${name}`, script, 0o755);
  }
  return `${steps}/bin:${usualPath}`;
}

/** Runs it in a process group of its own, which a step may kill. */
async function stepped(home: TempHome, at: number): Promise<{ exitCode: number; steps: string[] }> {
  const env = { ...environment(home), PATH: steppedPath(home, at) };
  const argv = ["setsid", "--wait", "sh", `${releases.path}/install.sh`];
  const { exitCode } = await runCommand(argv, { env, cwd: "/" });
  return { exitCode, steps: readFileSync(home.at("steps/log"), "utf8").trim().split("\n") };
}

async function withOldVersion(): Promise<TempHome> {
  const home = tempHome();
  await install(home, "--version", "0.2.0");
  return home;
}

test(
  "a kill at any step leaves the old version or the new one, and the next run completes it",
  async () => {
    using whole = await withOldVersion();
    const { steps } = await stepped(whole, -1);
    expect(steps.filter((step) => step.startsWith("before mv"))).toHaveLength(3);
    const seen = new Set<string>();
    const cuts = steps.map((_, index) => index);
    const one = async (index: number): Promise<void> => {
      using home = await withOldVersion();
      const killed = await stepped(home, index);
      expect(killed.steps.map(programOf)).toEqual(steps.slice(0, index + 1).map(programOf));
      const version = await versionIn(home);
      expect(["mosaic 0.2.0 (test)", "mosaic 0.3.0 (test)"]).toContain(version);
      seen.add(version);
      expect(await install(home)).toMatchObject({ exitCode: 0 });
      expect(await versionIn(home)).toBe("mosaic 0.3.0 (test)");
      expect(readdirSync(home.at(root)).toSorted()).toEqual(["mosaic", "receipt.json", "versions"]);
    };
    const worker = async (): Promise<void> => {
      for (let cut = cuts.shift(); cut !== undefined; cut = cuts.shift()) await one(cut);
    };
    await Promise.all([worker(), worker(), worker()]);
    expect(seen.size).toBe(2);
  },
  limitMs,
);

/** Folders and pids differ from run to run. */
function programOf(step: string): string {
  return step.split(" ", 2).join(" ");
}

test.each([
  ["full", "mount -t tmpfs -o size=300k,mode=755 none", /cannot (get|unpack)|exit 23/],
  ["read-only", "mount -t tmpfs -o ro,mode=755 none", /cannot make/],
])("a %s disk: the fault is told and nothing is left", async (_name, mount, said) => {
  using home = tempHome();
  using big = tempHome();
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(48_000))).toString("hex");
  const script = `#!/bin/sh\necho "mosaic 0.4.0 (test)"; exit\n${`# ${noise}\n`.repeat(4)}`;
  addRelease(big.path, { version: "0.4.0", signer, script });
  mkdirSync(home.at("disk"));
  const argv = [
    "unshare",
    "-m",
    "sh",
    "-c",
    `${mount} "$0" && sh "$@"; rc=$?; find "$0" -type f; exit $rc`,
  ];
  const env = {
    ...environment(home),
    MOSAIC_INSTALL_BASE_URL: big.path,
    MOSAIC_INSTALL_ROOT: home.at("disk/m"),
  };
  const result = await runCommand([...argv, home.at("disk"), `${big.path}/install.sh`], { env });
  expect(result.stderr).toMatch(said);
  expect(result).toMatchObject({ exitCode: 1, stdout: "" });
});

test("another user installs for himself, and may not write to a folder of root's", async () => {
  using home = tempHome();
  chmodSync(home.path, 0o755);
  mkdirSync(home.at("theirs"));
  chownSync(home.at("theirs"), 65534, 65534);
  const asOther = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const env = { ...environment(home), HOME: home.at("theirs") };
  const argv = [...asOther, "sh", `${releases.path}/install.sh`];
  expect(await runCommand(argv, { env, cwd: "/" })).toMatchObject({ exitCode: 0 });
  const said = await runCommand([...asOther, home.at(`theirs/${link}`), "--version"], { env });
  expect(said.stdout).toBe("mosaic 0.3.0 (test)\n");
  const refused = await runCommand(argv, {
    env: { ...env, MOSAIC_INSTALL_ROOT: home.at("root"), MOSAIC_BIN_DIR: home.at("bin") },
  });
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain(`cannot make ${home.at("root")}/versions`);
});

test("root is told when the home is another user's", async () => {
  using home = tempHome();
  chownSync(home.path, 65534, 65534);
  const result = await install(home);
  expect(result.exitCode).toBe(0);
  expect(result.stderr).toContain("you are root, but");
});
