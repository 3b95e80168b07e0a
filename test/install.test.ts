// install.sh against a local server: what it makes, and what it does when anything goes wrong. Over 200 lines because
// every way in which an installation can go stands in one place.
import { afterAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { addRelease, testSigner } from "./support/fake-release.ts";
import { type Fault, releaseServer } from "./support/release-server.ts";
import { runCommand } from "./support/run-command.ts";
import { tempHome, type TempHome } from "./support/temp-home.ts";

const releases = tempHome();
const signer = testSigner();
for (const version of ["0.2.0", "0.3.0"]) addRelease(releases.path, { version, signer });
afterAll(() => releases.remove());

const root = ".local/share/mosaic";
const link = ".local/bin/mosaic";
const usualPath = "/usr/local/bin:/usr/bin:/bin";

interface Install {
  home: string;
  url: string;
  args?: string[];
  shell?: string[];
  env?: Record<string, string>;
}

function install({ home, url, args = [], shell = ["sh"], env = {} }: Install) {
  const whole = { HOME: home, PATH: usualPath, MOSAIC_INSTALL_BASE_URL: url, ...env };
  return runCommand([...shell, `${releases.path}/install.sh`, ...args], { env: whole, cwd: "/" });
}

/** Everything below a home, links with what they say. */
function tree(home: TempHome): string[] {
  const entries = readdirSync(home.path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = `${entry.parentPath}/${entry.name}`;
      const name = path.slice(home.path.length + 1);
      return entry.isSymbolicLink() ? `${name} -> ${readlinkSync(path)}` : name;
    })
    .toSorted();
}

async function runs(home: TempHome): Promise<string> {
  return (await runCommand([home.at(link), "--version"], { env: { PATH: usualPath } })).stdout;
}

test("what it says to type can be typed, whatever the home is called", async () => {
  using parent = tempHome();
  const home = parent.at(`o'h "m" $x`);
  mkdirSync(home);
  using server = releaseServer(releases.path);
  const { stderr } = await install({ home, url: server.url });
  const typed = /^in this shell: (.*)$/m.exec(stderr)?.[1] ?? "";
  const found = await runCommand(["sh", "-c", `${typed}; command -v mosaic`], {
    env: { PATH: usualPath },
  });
  expect(found.stdout).toBe(`${home}/${link}\n`);
});

test("installs the latest version, a link, a receipt and one PATH line; twice is the same as once", async () => {
  using home = tempHome();
  using server = releaseServer(releases.path);
  const first = await install({ home: home.path, url: server.url });
  expect({ ...first, stdout: first.stdout }).toMatchObject({ exitCode: 0, stdout: "" });
  expect(first.stderr).toEndWith("next: mosaic fleet init --profile demo --write\n");
  expect(tree(home)).toEqual([
    `${link} -> ${home.at(root)}/mosaic`,
    `${root}/mosaic -> versions/0.3.0/mosaic`,
    `${root}/receipt.json`,
    `${root}/versions/0.3.0/mosaic`,
    ".profile",
  ]);
  expect(JSON.parse(home.read(`${root}/receipt.json`))).toMatchObject({
    schemaVersion: 1,
    baseUrl: server.url,
    link: home.at(link),
    pathFiles: [home.at(".profile")],
  });
  expect(await runs(home)).toBe("mosaic 0.3.0 (test)\n");
  const profile = home.read(".profile");
  const before = server.asked.length;
  const second = await install({ home: home.path, url: server.url });
  expect(second.stderr).toContain("mosaic 0.3.0 is here already");
  expect(server.asked.slice(before).filter((path) => /\.(gz|zst)$/.test(path))).toEqual([]);
  expect(home.read(".profile")).toBe(profile);
  // What it wrote is a line that every shell reads, and that puts the folder on PATH once.
  const paths = await runCommand(["sh", "-c", `. ~/.profile; . ~/.profile; echo "$PATH"`], {
    env: { HOME: home.path, PATH: usualPath },
  });
  expect(paths.stdout).toBe(`${home.at(".local/bin")}:${usualPath}\n`);
});

test("--version installs that one, and goes back to it", async () => {
  using home = tempHome();
  using server = releaseServer(releases.path);
  await install({ home: home.path, url: server.url });
  await install({ home: home.path, url: server.url, args: ["--version", "0.2.0"] });
  expect(await runs(home)).toBe("mosaic 0.2.0 (test)\n");
  const wrong = await install({
    home: home.path,
    url: server.url,
    args: ["--version", "../0.2.0"],
  });
  expect(wrong).toMatchObject({ exitCode: 1, stdout: "" });
  expect(wrong.stderr).toContain("not a version");
});

test("--uninstall removes what it made and nothing else", async () => {
  using home = tempHome();
  using server = releaseServer(releases.path);
  home.write(".bashrc", "# mine, without an end");
  home.write(".config/mosaic/fleet/roster.yaml", "version: 1\n");
  home.write(".config/fish/config.fish", "");
  await install({ home: home.path, url: server.url });
  expect(home.read(".bashrc")).toStartWith("# mine, without an end\ncase ");
  const removed = await install({ home: home.path, url: server.url, args: ["--uninstall"] });
  expect(removed).toMatchObject({ exitCode: 0 });
  expect(tree(home)).toEqual([
    ".bashrc",
    ".config/fish/config.fish",
    ".config/mosaic/fleet/roster.yaml",
  ]);
  expect(home.read(".bashrc")).toBe("# mine, without an end\n");
});

describe("a download that goes wrong leaves the old version in use", () => {
  const cases: [string, string, Fault, string][] = [
    ["corrupted archive", "linux-x64.zst", "corrupt", "is not what the release says"],
    ["truncated download", "linux-x64.zst", "truncated", "cannot get"],
    ["short download", "linux-x64.zst", "short", "is not what the release says"],
    ["dead server", "linux-x64.zst", "dead", "cannot get"],
    ["missing archive", "linux-x64.zst", "missing", "cannot get"],
    ["missing checksums", "SHA256SUMS", "missing", "cannot get"],
    ["changed checksums", "SHA256SUMS", "corrupt", "signature of SHA256SUMS is wrong"],
    ["missing signature", "SHA256SUMS.sig", "missing", "cannot get"],
    ["wrong signature", "SHA256SUMS.sig", "corrupt", "signature of SHA256SUMS is wrong"],
    ["no latest", "latest", "missing", "cannot get"],
  ];
  test.concurrent.each(cases)("%s", async (_name, path, fault, said) => {
    using home = tempHome();
    using server = releaseServer(releases.path);
    await install({ home: home.path, url: server.url, args: ["--version", "0.2.0"] });
    const before = tree(home);
    server.faults.set(path, fault);
    const result = await install({ home: home.path, url: server.url });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(said);
    expect(tree(home)).toEqual(before);
    expect(await runs(home)).toBe("mosaic 0.2.0 (test)\n");
  });
});

test("a download that failed once is tried again", async () => {
  using home = tempHome();
  using server = releaseServer(releases.path);
  server.faults.set(".zst", "truncated");
  server.remaining.set(".zst", 1);
  expect((await install({ home: home.path, url: server.url })).exitCode).toBe(0);
  expect(await runs(home)).toBe("mosaic 0.3.0 (test)\n");
});

test("an executable that does not run here is not installed", async () => {
  using home = tempHome();
  using bad = tempHome();
  addRelease(bad.path, { version: "9.0.0", signer, script: "#!/bin/sh\nexit 1\n" });
  using server = releaseServer(bad.path);
  const result = await runCommand(["sh", `${bad.path}/install.sh`], {
    env: { HOME: home.path, PATH: usualPath, MOSAIC_INSTALL_BASE_URL: server.url },
  });
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain("does not run here: exit 1");
  expect(tree(home)).toEqual([]);
});

test("a mosaic that something else put on the PATH is not replaced", async () => {
  using home = tempHome();
  using server = releaseServer(releases.path);
  home.write(link, "#!/bin/sh\n", 0o755);
  const result = await install({ home: home.path, url: server.url });
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain("was not installed by this script");
  expect(tree(home)).toEqual([link]);
  expect(server.asked).toEqual([]);
});

test("a running executable is replaced: it keeps the file that it was started from", async () => {
  using home = tempHome();
  using server = releaseServer(releases.path);
  await install({ home: home.path, url: server.url });
  const target = home.at(`${root}/versions/0.3.0/mosaic`);
  // A real program in its place, whose file cannot be written to while it runs (ETXTBSY).
  await runCommand(["cp", "/bin/sleep", target]);
  const running = Bun.spawn([target, "60"]);
  const again = await install({ home: home.path, url: server.url });
  running.kill("SIGKILL");
  await running.exited;
  expect(again.exitCode).toBe(0);
  expect(await runs(home)).toBe("mosaic 0.3.0 (test)\n");
});

/** A PATH of links to these programs alone. */
function pathOf(home: TempHome, programs: readonly string[]): string {
  mkdirSync(home.at("tools"), { recursive: true });
  for (const name of programs) symlinkSync(Bun.which(name) ?? "", home.at(`tools/${name}`));
  return home.at("tools");
}

const basics =
  "sh sed grep cut cat mkdir mv rm ln chmod head tail id find uname readlink dirname gzip sleep rmdir cp ldd getconf bash".split(
    " ",
  );

describe("without the usual tools", () => {
  test("nothing that can make a checksum: nothing is downloaded", async () => {
    using home = tempHome();
    using server = releaseServer(releases.path);
    const PATH = pathOf(home, [...basics, "curl"]);
    const result = await install({ home: home.path, url: server.url, env: { PATH } });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("none of sha256sum, shasum and openssl");
    expect(server.asked).toEqual([]);
  });

  test.each([
    ["curl, shasum, gzip", ["curl", "shasum", "perl"]],
    ["curl, openssl, gzip", ["curl", "openssl"]],
    ["wget, sha256sum, gzip", ["wget", "sha256sum"]],
  ])("%s is enough", async (_name, tools) => {
    using home = tempHome();
    using server = releaseServer(releases.path);
    const PATH = pathOf(home, [...basics, ...tools]);
    const result = await install({ home: home.path, url: server.url, env: { PATH } });
    expect(result.stderr.replace(/^downloading.*\n/, "")).toStartWith(
      tools.includes("openssl") ? "installed" : "install.sh: the signature was not checked",
    );
    expect(result.exitCode).toBe(0);
    expect(server.asked.filter((path) => path.endsWith(".gz"))).toHaveLength(1);
    const required = { PATH, MOSAIC_REQUIRE_SIGNATURE: "1" };
    const strict = await install({ home: home.path, url: server.url, env: required });
    expect(strict.exitCode).toBe(tools.includes("openssl") ? 0 : 1);
  });

  test("no curl and no wget", async () => {
    using home = tempHome();
    const PATH = pathOf(home, [...basics, "sha256sum"]);
    const result = await install({ home: home.path, url: "http://127.0.0.1:1", env: { PATH } });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("neither curl nor wget");
  });
});

describe.each([["dash"], ["bash"], ["busybox", "sh"], ["zsh"]])("under %s %s", (...shell) => {
  test("with spaces and quotes in HOME", async () => {
    using parent = tempHome();
    using server = releaseServer(releases.path);
    const path = parent.at(`it's "a" home`);
    mkdirSync(path);
    const env = { SHELL: "/bin/zsh" };
    const argv = shell.filter((word) => word !== undefined);
    const result = await install({ home: path, url: server.url, shell: argv, env });
    expect(result.exitCode).toBe(0);
    const receipt: unknown = JSON.parse(readFileSync(`${path}/${root}/receipt.json`, "utf8"));
    expect(receipt).toMatchObject({ link: `${path}/${link}` });
    for (const [name, file] of [
      ["sh", ".profile"],
      ["zsh", ".zshrc"],
    ] as const) {
      const sourced = await runCommand([name, "-c", `. ~/${file}; mosaic --version`], {
        env: { HOME: path, PATH: usualPath },
      });
      expect(sourced.stdout).toBe("mosaic 0.3.0 (test)\n");
    }
    const args = ["--uninstall"];
    expect((await install({ home: path, url: server.url, shell: argv, args })).exitCode).toBe(0);
    expect(
      readdirSync(path, { recursive: true }).filter((name) => /mosaic|rc$/.test(String(name))),
    ).toEqual([]);
  });

  test("a failure leaves nothing, whatever the shell thinks of exit in a function", async () => {
    using home = tempHome();
    using server = releaseServer(releases.path);
    server.faults.set(".zst", "corrupt");
    const argv = shell.filter((word) => word !== undefined);
    const result = await install({ home: home.path, url: server.url, shell: argv });
    expect(result.exitCode).toBe(1);
    expect(tree(home)).toEqual([]);
  });
});

test("without HOME, the user's entry in the password file counts", async () => {
  using home = tempHome();
  // Another one than this user's real home must not be guessed, so the place is given.
  const env = {
    PATH: usualPath,
    MOSAIC_INSTALL_ROOT: home.at("root"),
    MOSAIC_BIN_DIR: home.at("bin"),
    MOSAIC_NO_MODIFY_PATH: "1",
  };
  using server = releaseServer(releases.path);
  const result = await runCommand(["sh", `${releases.path}/install.sh`], {
    env: { ...env, MOSAIC_INSTALL_BASE_URL: server.url },
  });
  expect(result.exitCode).toBe(0);
  expect(tree(home)).toContain(`bin/mosaic -> ${home.at("root/mosaic")}`);
  expect(existsSync(home.at(".profile"))).toBe(false);
});

test("a target that cannot be written is named, and nothing is left", async () => {
  using home = tempHome();
  using server = releaseServer(releases.path);
  // A file in the place of a folder stops root too.
  writeFileSync(home.at(".local"), "");
  const result = await install({ home: home.path, url: server.url });
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain(`cannot make ${home.at(root)}/versions`);
  expect(lstatSync(home.at(".local")).isFile()).toBe(true);
  expect(server.asked).toEqual([]);
});
