// An update between two real executables, installed by install.sh from a local server, under a living fleet: agents keep
// their pids, the supervisor and the framework are the new version's, nothing of the site's is lost, and back again.
// Over 200 lines because both supervisors go through the same two executables, which take long to build.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import type { UpdateReport } from "../../src/update/update.ts";
import { eventually } from "../support/eventually.ts";
import { addRealRelease, testSigner } from "../support/fake-release.ts";
import { privateEnvironment } from "../support/private-environment.ts";
import { type ReleaseServer, releaseServer } from "../support/release-server.ts";
import { outputOf, runCommand } from "../support/run-command.ts";
import { buildVersion } from "../support/second-version.ts";
import { tempHome } from "../support/temp-home.ts";
import { startUserManager } from "../support/user-manager.ts";

const releases = tempHome();
const signer = testSigner();
let server: ReleaseServer;
const limitMs = 240_000;

beforeAll(async () => {
  const keys = [signer.publicKey];
  for (const version of ["0.9.0", "0.8.0"]) {
    const executable = releases.at(`build/${version}`);
    const edit = version === "0.9.0" ? newer : undefined;
    await buildVersion({
      outfile: executable,
      version,
      keys,
      ...(edit === undefined ? {} : { edit }),
    });
    addRealRelease(releases.path, { version, signer, executable });
  }
  server = releaseServer(releases.path);
}, limitMs);

afterAll(() => {
  server[Symbol.dispose]();
  releases.remove();
});

/** What another version may bring: another script, and a store that the old one does not know. */
function newer(tree: string): void {
  appendFileSync(`${tree}/framework/tools/tmux/agent-send.sh`, "# of the newer version\n");
  addStep(`${tree}/src/store/migrations.ts`, "CREATE TABLE newer (seq INTEGER PRIMARY KEY)");
  // It has a look at every row, as a column does that is added.
  addStep(`${tree}/src/gateway/store/migrations.ts`, "ALTER TABLE users ADD COLUMN newer TEXT");
}

function addStep(file: string, statement: string): void {
  const text = readFileSync(file, "utf8");
  const changed = text.replace(/^\];$/m, `  ${JSON.stringify(statement)},\n];`);
  expect(changed).not.toBe(text);
  writeFileSync(file, changed);
}

/** Installs 0.8.0 as a person does, and gives a shell in which `mosaic` is on the PATH. */
async function installed(env: Readonly<Record<string, string>>) {
  const whole = { ...env, PATH: `${env["HOME"]}/.local/bin:${env["PATH"]}` };
  const shell = (line: string) =>
    runCommand(["sh", "-c", line], { env: whole, cwd: env["HOME"] ?? "/", timeoutMs: 90_000 });
  const ok = async (line: string): Promise<string> => {
    const done = await shell(line);
    if (done.exitCode !== 0)
      throw new Error(`${line}: exit ${done.exitCode}\n${done.stdout}${done.stderr}`);
    return done.stdout;
  };
  await outputOf(["sh", releases.at("install.sh"), "--version", "0.8.0"], {
    env: { ...whole, MOSAIC_INSTALL_BASE_URL: server.url },
    timeoutMs: 90_000,
  });
  expect(await ok("mosaic --version")).toBe("mosaic 0.8.0 (test)\n");
  return { shell, ok };
}

/** Free a moment ago, which has to do for a setting. */
async function freePort(): Promise<number> {
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = probe;
  probe.stop(true);
  return port;
}

const pids = "tmux -L mosaic-factory list-panes -a -F '#{session_name} #{pane_pid}'";

test(
  "without systemd: the agents run on, the supervisor is the new one, and a rollback starts with a newer store",
  async () => {
    using home = tempHome();
    const env = privateEnvironment(home.path);
    const { shell, ok } = await installed(env);
    await ok("mosaic fleet init --profile demo --write");
    await ok("mosaic fleet start");
    try {
      await ok("mosaic agent send canary-1 --message before --wait answered");
      appendFileSync(home.at("home/.config/mosaic/tools/tmux/send-message.sh"), "# mine\n");
      const before = await ok(pids);
      expect(before.trim().split("\n")).toHaveLength(3);
      const contact = () =>
        readFileSync(home.at("home/.local/state/mosaic/fleet-mosaic-factory.json"), "utf8");
      expect(contact()).toContain('"version":"0.8.0"');
      const said = await ok("mosaic update --version 0.9.0 --json");
      expect(await ok(pids)).toBe(before);
      expect(contact()).toContain('"version":"0.9.0"');
      const report: UpdateReport = JSON.parse(said);
      expect(report).toMatchObject({ from: "0.8.0", to: "0.9.0", result: "updated" });
      expect(report.agents.map(({ name, before: was, after }) => [name, was === after])).toEqual([
        ["canary-1", true],
        ["canary-2", true],
      ]);
      const fates = report.manifest.map(({ what, fate }) => `${fate} ${what.split("/").at(-1)}`);
      expect(fates).toContain("unchanged roster.yaml");
      expect(fates).toContain("unchanged state.db messages");
      expect(fates.filter((fate) => fate.startsWith("lost"))).toEqual([]);
      expect(home.read("home/.config/mosaic/tools/tmux/agent-send.sh")).toEndWith(
        "# of the newer version\n",
      );
      expect(home.read("home/.config/mosaic/tools/tmux/send-message.sh")).toEndWith("# mine\n");
      await ok("mosaic fleet verify");
      await ok("mosaic agent send canary-1 --message after --wait answered");
      const back = await shell("mosaic update --rollback");
      expect(back.exitCode).toBe(0);
      const store = home.at("home/.local/state/mosaic/state.db");
      expect(back.stderr).toContain(
        `refuses this until it is updated: store: ${store} was written`,
      );
      expect(await ok("mosaic --version")).toBe("mosaic 0.8.0 (test)\n");
      expect(await ok(pids)).toBe(before);
      expect(contact()).toContain('"version":"0.8.0"');
      expect(home.read("home/.config/mosaic/tools/tmux/agent-send.sh")).not.toContain(
        "newer version",
      );
      await ok("mosaic fleet verify");
      await ok("mosaic fleet restart canary-2");
      const refused = await shell("mosaic agent send canary-1 --message again");
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toContain("was written by a newer mosaic");
      // And forward again, and back by name: with the messages of before.
      await ok(
        "mosaic update --version 0.9.0 && mosaic agent send canary-1 --message 3 --wait answered",
      );
      expect(await ok("mosaic agent messages canary-1 --json")).toContain("before");
      await ok("mosaic update --version 0.8.0");
    } finally {
      await shell("mosaic fleet stop");
    }
  },
  limitMs,
);

test(
  "under systemd: the units lead to the link, and the agents keep their pids",
  async () => {
    await using manager = await startUserManager();
    const { ok, shell } = await installed(manager.env);
    await ok("mosaic fleet init --profile demo --write");
    await ok("mosaic fleet install-systemd");
    await ok("mosaic fleet start");
    const port = await freePort();
    const admin =
      "MOSAIC_ADMIN_NAME=A MOSAIC_ADMIN_EMAIL=a@example.com MOSAIC_ADMIN_PASSWORD=securepass123";
    await ok(`${admin} MOSAIC_ASSUME_YES=1 MOSAIC_GATEWAY_PORT=${port} mosaic gateway install`);
    const before = await ok(pids);
    const unit = await ok("cat ~/.config/systemd/user/mosaic-agent@.service");
    expect(unit).toContain(`MOSAIC_BIN=${manager.home}/.local/share/mosaic/mosaic"`);
    const report = await ok("mosaic update --version 0.9.0");
    expect(report).toMatch(/^ {2}unchanged {2}\S+\/gateway\.db users {2}/m);
    expect(report).not.toMatch(/lost/i);
    expect(await ok("mosaic --version")).toBe("mosaic 0.9.0 (test)\n");
    const gateway: unknown = JSON.parse(await ok("mosaic gateway status --json"));
    expect(gateway).toMatchObject({ state: "ready", version: "0.9.0" });
    expect(await ok(pids)).toBe(before);
    await ok("mosaic fleet verify");
    const refused = await shell("mosaic update --rollback");
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("gateway-store: the gateway's store was written by a newer");
    expect(refused.stderr).toContain("hint: without the gateway: mosaic gateway stop");
    expect(JSON.parse(await ok("mosaic gateway status --json"))).toEqual(gateway);
    await ok("mosaic gateway stop && mosaic update --rollback");
    expect(await ok("mosaic --version")).toBe("mosaic 0.8.0 (test)\n");
    expect(await ok(pids)).toBe(before);
    await ok("mosaic fleet verify");
    await ok("mosaic update --version 0.9.0 && mosaic gateway start");
    expect(await ok(pids)).toBe(before);
    expect(await ok("systemctl --user is-active mosaic-agent@canary-1 mosaic-agent@canary-2")).toBe(
      "active\nactive\n",
    );
    // Without --purge the accounts stay; a reinstallation finds them.
    await ok("mosaic uninstall --yes");
    expect(await shell("command -v mosaic")).toMatchObject({ exitCode: 127 });
    await ok(
      "test -f ~/.local/share/mosaic/gateway.db && test -f ~/.config/mosaic/fleet/roster.yaml",
    );
    expect(await ok("ls ~/.config/systemd/user")).not.toContain("mosaic");
    await eventually(
      async () => (await manager.systemctl("is-active", "mosaic-agent@canary-1")).stdout.trim(),
      {
        until: (state) => state !== "active",
        what: "the agent to be stopped",
      },
    );
  },
  limitMs,
);
