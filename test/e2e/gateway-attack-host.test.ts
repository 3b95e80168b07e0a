// Attacks from the host itself: other users of it, and whatever a folder, an umask or an environment may bring along.
// Over 200 lines because each needs an install.
import { expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
} from "node:fs";
import { builtinFleet } from "../support/builtin-fleet.ts";
import { freePort, testGateway } from "../support/gateway.ts";
import { hostileFolder } from "../support/hostile-folder.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { privateEnvironment } from "../support/private-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { systemdFleet } from "../support/systemd-fleet.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";

const limitMs = 90_000;

/** Debian's user with the fewest rights; nothing of ours is his. */
const nobody = 65_534;

const admin = {
  MOSAIC_ASSUME_YES: "1",
  MOSAIC_ADMIN_NAME: "Admin",
  MOSAIC_ADMIN_EMAIL: "admin@example.com",
  MOSAIC_ADMIN_PASSWORD: "correct-horse-7",
  MOSAIC_ANTHROPIC_API_KEY: "sk-of-the-test-1",
};

async function site(home: TempHome, more: Record<string, string> = {}) {
  const binary = await mosaicBinary();
  const port = String(await freePort());
  const env = privateEnvironment(home.path, { ...admin, MOSAIC_GATEWAY_PORT: port, ...more });
  const through = (before: readonly string[], words: readonly string[]) =>
    runCommand([...before, binary, "gateway", ...words], { env, cwd: "/", timeoutMs: 60_000 });
  return { env, through, run: (...words: string[]) => through([], words) };
}

/** `path mode`, of everything below; links as they are. */
function modesBelow(folder: string, at = ""): string[] {
  return readdirSync(`${folder}/${at}`).flatMap((name) => {
    const path = at === "" ? name : `${at}/${name}`;
    const stat = lstatSync(`${folder}/${path}`);
    const shown = `${path} ${(stat.mode & 0o7777).toString(8)}`;
    return stat.isDirectory() ? [shown, ...modesBelow(folder, path)] : [shown];
  });
}

test(
  "twenty installs at once make one admin, whose password is that of the one that said so",
  async () => {
    using home = tempHome();
    const { env, run } = await site(home);
    const binary = await mosaicBinary();
    const all = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const own = {
          ...env,
          MOSAIC_ADMIN_EMAIL: `admin${index}@example.com`,
          MOSAIC_ADMIN_PASSWORD: `password-of-${index}`,
        };
        const options = { env: own, cwd: "/", timeoutMs: 60_000 };
        const done = await runCommand([binary, "gateway", "install"], options);
        return { index, ...done };
      }),
    );
    const winners = all.filter(
      ({ exitCode, stdout, index }) => exitCode === 0 && stdout.includes(`admin${index}@`),
    );
    expect(winners.length).toBe(1);
    // The others hear that they came late, or find it installed; none fails in another way.
    expect(all.map(({ exitCode }) => exitCode).filter((code) => code !== 0 && code !== 4)).toEqual(
      [],
    );
    const { users } = JSON.parse((await run("admin", "list", "--json")).stdout);
    expect(users.map(({ email }: { email: string }) => email)).toEqual([
      `admin${winners[0]?.index}@example.com`,
    ]);
    await using gateway = await testGateway({ env, hasAdmin: false });
    const password = `password-of-${winners[0]?.index}`;
    expect(await gateway.login({ email: users[0].email, password })).toContain("=");
  },
  limitMs,
);

test.each(["0000", "0077"])(
  "with umask %s nobody else gets at a file, and we do",
  async (umask) => {
    const agents = "\n  - { name: ada, runtime: canary }";
    const binary = await mosaicBinary();
    await using fleet = builtinFleet({ agents, self: [binary], env: admin });
    const masked = ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"];
    const run = (...words: string[]) =>
      runCommand([...masked, binary, ...words], { env: fleet.env, cwd: "/", timeoutMs: 60_000 });
    expect((await run("gateway", "install")).exitCode).toBe(0);
    expect((await run("fleet", "start")).exitCode).toBe(0);
    await using gateway = await testGateway({ env: fleet.env, hasAdmin: false, through: masked });
    const cookie = await gateway.login();
    const sent = await gateway.ask("/api/v1/agents/ada/messages", { cookie, body: { text: "hi" } });
    expect(sent.status).toBe(202);
    expect((await run("gateway", "backup", "create")).exitCode).toBe(0);
    const written = [".config/mosaic", ".local/state/mosaic", ".local/share/mosaic"].flatMap(
      (folder) => modesBelow(fleet.dir.at("home"), folder),
    );
    expect(written.length).toBeGreaterThan(20);
    // The framework is no secret, and lies in a folder that is.
    const secret = written.filter(
      (line) =>
        !/^\.config\/mosaic\/(tools|hooks|systemd|fleet|tmux|deploy|install\.json)/.test(line),
    );
    const open = secret.filter((line) => !/ [0-7]?[0-7]00$/.test(line));
    expect(open).toEqual([]);
    expect(written.filter((line) => /[2367]$|[2367][0-7]$/.test(line))).toEqual([]);
    // As another user of this host, with all folders above open to him.
    chmodSync(fleet.dir.path, 0o755);
    chmodSync(fleet.dir.at("home"), 0o755);
    const as = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
    const found = await runCommand([
      ...as,
      "find",
      fleet.dir.at("home"),
      "-type",
      "f",
      "-o",
      "-type",
      "s",
    ]);
    expect(found.stdout).toBe("");
  },
  limitMs,
);

test(
  "folders that others hold are refused before anything is written",
  async () => {
    const cases: [string, (home: TempHome) => string][] = [
      [
        "of another user",
        (home) => {
          mkdirSync(home.at("theirs"), { mode: 0o755 });
          chownSync(home.at("theirs"), nobody, nobody);
          return home.at("theirs");
        },
      ],
      [
        "writable by all",
        (home) => {
          mkdirSync(home.at("open"));
          chmodSync(home.at("open"), 0o777);
          return home.at("open");
        },
      ],
      [
        "a link to a folder of another user",
        (home) => {
          mkdirSync(home.at("theirs"), { mode: 0o755 });
          chownSync(home.at("theirs"), nobody, nobody);
          symlinkSync(home.at("theirs"), home.at("link"));
          return home.at("link");
        },
      ],
    ];
    for (const [what, make] of cases) {
      using home = tempHome();
      const folder = make(home);
      const { run } = await site(home, { MOSAIC_HOME: folder });
      for (const words of [["install"], ["run"], ["admin", "create"]]) {
        const refused = await run(...words);
        expect([what, refused.exitCode]).toEqual([what, 4]);
        expect(refused.stderr).toContain(folder);
      }
      expect(readdirSync(folder)).toEqual([]);
    }
  },
  limitMs,
);

test(
  "secrets that were linked into a folder of another user are not written there",
  async () => {
    using home = tempHome();
    const { run, env } = await site(home);
    home.write("home/.config/mosaic/config.yaml", "");
    mkdirSync(home.at("theirs"), { mode: 0o777 });
    chownSync(home.at("theirs"), nobody, nobody);
    symlinkSync(home.at("theirs"), home.at("home/.config/mosaic/secrets"));
    expect((await run("install")).exitCode).toBe(4);
    const set = await runCommand(
      [await mosaicBinary(), "config", "set", "gateway.anthropicApiKey"],
      {
        env,
        stdin: "sk-of-the-test-2\n",
      },
    );
    expect(set.exitCode).toBe(4);
    expect(readdirSync(home.at("theirs"))).toEqual([]);
  },
  limitMs,
);

test(
  "a folder of one's own that is linked elsewhere stays a link, and serves",
  async () => {
    using home = tempHome();
    for (const [link, folder] of [
      ["home/.config/mosaic", "dotfiles"],
      ["home/.local/share/mosaic", "disk"],
    ] as const) {
      mkdirSync(home.at(folder), { mode: 0o700 });
      mkdirSync(home.at(link.slice(0, link.lastIndexOf("/"))), { recursive: true });
      symlinkSync(home.at(folder), home.at(link));
    }
    const { run, env } = await site(home);
    expect((await run("install")).exitCode).toBe(0);
    await using gateway = await testGateway({ env, hasAdmin: false });
    expect(await gateway.login()).toContain("=");
    expect(lstatSync(home.at("home/.config/mosaic")).isSymbolicLink()).toBe(true);
    expect(lstatSync(home.at("disk/gateway.db")).mode & 0o777).toBe(0o600);
    expect(existsSync(home.at("dotfiles/secrets/gateway-anthropic-api-key"))).toBe(true);
  },
  limitMs,
);

test(
  "started in a hostile folder it runs none of it, and takes no setting from there",
  async () => {
    using home = tempHome();
    using folder = hostileFolder(
      "MOSAIC_GATEWAY_HOST=0.0.0.0\nMOSAIC_TRUSTED_PROXIES=10.0.0.1\nMOSAIC_ADMIN_PASSWORD=theirs-theirs",
    );
    const { env } = await site(home);
    const binary = await mosaicBinary();
    const installed = await runCommand([binary, "gateway", "install"], { env, cwd: folder.path });
    expect(installed.exitCode).toBe(0);
    await using gateway = await testGateway({ env, hasAdmin: false, cwd: folder.path });
    expect(await gateway.login()).toContain("=");
    expect(gateway.log()).toContain("http://127.0.0.1:");
    expect(existsSync(folder.at("it-ran")) || existsSync(folder.at("stolen"))).toBe(false);
  },
  limitMs,
);

test(
  "code that the manager's environment would load is not loaded by the unit, and reaches no agent",
  async () => {
    using folder = hostileFolder();
    await using fleet = await systemdFleet(`version: 1
socket: mosaic-factory
supervisor: systemd
defaults: { workdir: / }
agents:
  - { name: one, runtime: canary }
`);
    const port = String(await freePort());
    const mosaic = (...words: string[]) =>
      fleet.mosaic(words, { env: { ...fleet.env, ...admin, MOSAIC_GATEWAY_PORT: port } });
    await fleet.manager.systemctl(
      "set-environment",
      `BUN_OPTIONS=--preload ${folder.at("evil.js")}`,
      `NODE_OPTIONS=--require ${folder.at("evil.js")}`,
      "BUN_BE_BUN=1",
    );
    await mosaic("fleet", "install-systemd");
    expect((await mosaic("fleet", "start")).exitCode).toBe(0);
    expect((await mosaic("gateway", "install")).exitCode).toBe(0);
    expect(existsSync(folder.at("it-ran"))).toBe(false);
    const environment = await Bun.file(`/proc/${await fleet.runtimePid("one")}/environ`).text();
    expect(environment).not.toMatch(/(^|\0)(BUN_|NODE_OPTIONS)/);
  },
  limitMs,
);
