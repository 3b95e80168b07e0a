// `mosaic gateway install` and the service: headless, on a private user manager of systemd and without one.
// Over 200 lines because each case takes a whole install.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/gateway.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { privateEnvironment } from "../support/private-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { systemdFleet } from "../support/systemd-fleet.ts";
import { tempHome } from "../support/temp-home.ts";

const limitMs = 60_000;

const canaries = `version: 1
socket: mosaic-factory
supervisor: systemd
defaults: { workdir: / }
agents:
  - { name: one, runtime: canary }
`;

const password = "securepass123";

/** As the document's example for Docker and CI. */
const admin = {
  MOSAIC_ASSUME_YES: "1",
  MOSAIC_ADMIN_NAME: "Admin",
  MOSAIC_ADMIN_EMAIL: "admin@example.com",
  MOSAIC_ADMIN_PASSWORD: password,
};

test.each<[string, Record<string, string>, string[]]>([
  [
    "nothing",
    {},
    [
      "MOSAIC_ADMIN_NAME is missing",
      "MOSAIC_ADMIN_EMAIL is missing",
      "MOSAIC_ADMIN_PASSWORD is missing",
    ],
  ],
  [
    "a short password and a bad port",
    { ...admin, MOSAIC_ADMIN_PASSWORD: "short", MOSAIC_GATEWAY_PORT: "99999" },
    [
      "MOSAIC_ADMIN_PASSWORD: expected at least 8 characters",
      "MOSAIC_GATEWAY_PORT: expected a port",
    ],
  ],
  [
    "the tier team without its servers",
    { ...admin, MOSAIC_STORAGE_TIER: "team" },
    ["MOSAIC_DATABASE_URL is missing", "MOSAIC_VALKEY_URL is missing"],
  ],
  [
    "a common password",
    { ...admin, MOSAIC_ADMIN_PASSWORD: "password1" },
    ["MOSAIC_ADMIN_PASSWORD"],
  ],
  [
    "a file that is not there",
    { ...admin, MOSAIC_ADMIN_PASSWORD: "", MOSAIC_ADMIN_PASSWORD_FILE: "/nowhere" },
    ["there is no file /nowhere"],
  ],
  ["an address that is open", { ...admin, MOSAIC_GATEWAY_HOST: "0.0.0.0" }, ["nothing with TLS"]],
])("%s: every fault is told, exit 2, and nothing is written", async (_, env, wanted) => {
  using home = tempHome();
  const binary = await mosaicBinary();
  const clean = privateEnvironment(home.path, env);
  const { exitCode, stdout, stderr } = await runCommand([binary, "gateway", "install"], {
    env: clean,
  });
  expect([exitCode, stdout]).toEqual([2, ""]);
  for (const words of wanted) expect(stderr).toContain(words);
  expect(stderr).not.toContain("short");
  expect(readdirSync(home.at("home"))).toEqual([]);
});

test(
  "without systemd it does what it can, says so, and is safe to repeat",
  async () => {
    using home = tempHome();
    const binary = await mosaicBinary();
    const port = String(await freePort());
    const env = privateEnvironment(home.path, { ...admin, MOSAIC_GATEWAY_PORT: port });
    const run = (...words: string[]) => runCommand([binary, "gateway", ...words], { env });
    const dry = await run("install", "--dry-run", "--json");
    expect(JSON.parse(dry.stdout)).toMatchObject({ done: false, service: "none", tier: "local" });
    expect(readdirSync(home.at("home"))).toEqual([]);
    const first = await run("install");
    expect([first.exitCode, first.stderr]).toEqual([
      0,
      expect.stringContaining("next: mosaic gateway run"),
    ]);
    const files = [".config/mosaic/config.yaml", ".local/share/mosaic/gateway.db"];
    expect(files.map((file) => statSync(home.at(`home/${file}`)).mode & 0o777)).toEqual([
      0o600, 0o600,
    ]);
    const second = await run("install", "--json");
    expect(JSON.parse(second.stdout)).toMatchObject({ done: true, service: "none", admin: null });
    const required = await run("install", "--require-service");
    expect(required.exitCode).toBe(3);
    const start = await run("start");
    expect([start.exitCode, start.stderr]).toEqual([
      3,
      expect.stringContaining("in the background of this shell: nohup mosaic gateway run"),
    ]);
    expect((await run("status")).exitCode).toBe(3);
    // One line of the environment later it is there to reset.
    const reset = await runCommand(
      [binary, "gateway", "admin", "reset-password", "ADMIN@example.com"],
      {
        env: { ...env, MOSAIC_ADMIN_PASSWORD: "" },
        stdin: "another-pass-9\n",
      },
    );
    expect([reset.exitCode, reset.stderr]).toEqual([0, ""]);
  },
  limitMs,
);

test(
  "a service on systemd: installed, ready, restarted without losing an agent, and gone",
  async () => {
    await using fleet = await systemdFleet(canaries);
    const port = String(await freePort());
    const env = { ...fleet.env, ...admin, MOSAIC_GATEWAY_PORT: port };
    const mosaic = (...words: string[]) => fleet.mosaic(words, { env });
    await mosaic("fleet", "install-systemd");
    expect((await mosaic("fleet", "start")).exitCode).toBe(0);
    const installed = await mosaic("gateway", "install");
    expect([installed.exitCode, installed.stdout]).toEqual([
      0,
      expect.stringContaining(`ready: http://127.0.0.1:${port}`),
    ]);
    const unit = `${fleet.manager.home}/.config/systemd/user/mosaic-gateway.service`;
    expect(readFileSync(unit, "utf8")).not.toContain(password);
    const verified = await fleet.manager.run(["systemd-analyze", "--user", "verify", unit]);
    expect([verified.exitCode, verified.stderr]).toEqual([0, ""]);
    const status = await mosaic("gateway", "status", "--json");
    expect([status.exitCode, JSON.parse(status.stdout)]).toMatchObject([
      0,
      { state: "ready", unit: "active" },
    ]);
    // What is the same is left alone.
    const { pid } = JSON.parse(status.stdout);
    await mosaic("gateway", "install");
    expect(JSON.parse((await mosaic("gateway", "status", "--json")).stdout).pid).toBe(pid);

    const url = `http://127.0.0.1:${port}/api/v1`;
    const login = await fetch(`${url}/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: admin.MOSAIC_ADMIN_EMAIL, password }),
    });
    const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
    const sent = await fetch(`${url}/agents/one/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie },
      body: JSON.stringify({ text: "through the service" }),
    });
    expect(sent.status).toBe(202);
    const { id } = JSON.parse(await sent.text());
    await eventually(
      async () => (await fetch(`${url}/messages/${id}`, { headers: { cookie } })).json(),
      {
        until: (message: any) => message.status === "answered",
        timeoutMs: 20_000,
      },
    );
    const agent = await fleet.runtimePid("one");
    const restarted = await mosaic("gateway", "restart");
    expect([restarted.exitCode, restarted.stderr]).toEqual([0, ""]);
    expect(await fleet.runtimePid("one")).toBe(agent);
    // Killed, it comes back by itself; the session still holds.
    await fleet.manager.systemctl("kill", "--signal=SIGKILL", "mosaic-gateway.service");
    await eventually(async () => (await fetch(`${url}/me`, { headers: { cookie } })).status, {
      until: (code) => code === 200,
      timeoutMs: 20_000,
    });
    expect(await fleet.runtimePid("one")).toBe(agent);
    const judged = async () => {
      const { checks } = JSON.parse((await mosaic("doctor", "--json")).stdout);
      const check = checks.find((one: { id: string }) => one.id === "gateway");
      return [check.status, check.fix];
    };
    expect(await judged()).toEqual(["ok", ""]);
    expect((await mosaic("gateway", "stop")).stdout).toContain("agents go on");
    expect(await judged()).toEqual(["warning", "mosaic gateway start"]);
    expect(await fleet.runtimePid("one")).toBe(agent);
    const gone = await mosaic("gateway", "uninstall", "--purge", "--yes");
    expect([gone.exitCode, gone.stderr]).toEqual([0, ""]);
    const left = await fleet.shell(
      "find ~ -name '*gateway*' | grep -v /systemd/user/mosaic-gateway",
    );
    expect(
      left.stdout.split("\n").filter((line) => /gateway\.(db|service|json|lock)/.test(line)),
    ).toEqual([]);
  },
  limitMs,
);

test(
  "tokens and accounts by commands, beside a gateway that runs",
  async () => {
    using home = tempHome();
    const binary = await mosaicBinary();
    const env = privateEnvironment(home.path, admin);
    const run = (...words: string[]) => runCommand([binary, "gateway", ...words], { env });
    expect((await run("admin", "create")).exitCode).toBe(0);
    expect((await run("admin", "create")).exitCode).toBe(4);
    const create = ["token", "create", "--owner", admin.MOSAIC_ADMIN_EMAIL, "--scopes"];
    const made = await run(...create, "agents:read,metrics:read", "--json");
    const token: { id: string; token: string } = JSON.parse(made.stdout);
    expect((await run(...create, "agents:fly")).exitCode).toBe(2);
    const listed = await run("token", "list");
    expect(listed.stdout).toContain("holds");
    expect(listed.stdout).not.toContain(token.token);
    expect((await run("token", "revoke", token.id)).stdout).toContain("is ended");
    expect((await run("token", "list")).stdout).toContain("revoked");
    expect((await run("admin", "list")).stdout).toContain("admin@example.com");
  },
  limitMs,
);
