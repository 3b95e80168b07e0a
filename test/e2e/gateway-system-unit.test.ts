// The gateway of root where root has no user manager: a unit of the system, on a real one (systemd as pid 1).
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/gateway.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { startSystemManager } from "../support/system-manager.ts";

const password = "securepass123";
const unit = "/etc/systemd/system/mosaic-gateway.service";

const roster = `version: 1
socket: mosaic-factory
defaults: { workdir: / }
agents:
  - { name: one, runtime: canary }
`;

test("installed at /etc/systemd/system, it runs, outlives kill -9, costs no agent its life, and is gone", async () => {
  const executable = await mosaicBinary();
  await using system = await startSystemManager({ executable });
  const port = String(await freePort());
  const given = {
    MOSAIC_ADMIN_NAME: "Admin",
    MOSAIC_ADMIN_EMAIL: "admin@example.com",
    MOSAIC_ADMIN_PASSWORD: password,
    MOSAIC_GATEWAY_PORT: port,
  };
  const mosaic = (...words: string[]) => system.run(["mosaic", ...words], given);
  const read = async (path: string) => (await system.run(["cat", path])).stdout;
  await Bun.write(`${system.home}/.config/mosaic/fleet/roster.yaml`, roster);
  const started = await mosaic("fleet", "start");
  expect([started.exitCode, started.stderr]).toEqual([0, ""]);
  const agent = async () => {
    const { stdout } = await mosaic("fleet", "status", "--json");
    return JSON.parse(stdout).agents[0].pid;
  };
  const before = await agent();
  expect(before).toBeGreaterThan(1);

  // Who names a session of his own means no unit of the system.
  const elsewhere = { ...given, XDG_RUNTIME_DIR: "/run/of-somebody" };
  const none = await system.run(["mosaic", "gateway", "install", "--json"], elsewhere);
  expect([none.exitCode, JSON.parse(none.stdout).service]).toEqual([0, "none"]);

  const planned = await mosaic("gateway", "install", "--dry-run");
  expect(planned.stdout).toContain("would run  systemctl enable mosaic-gateway.service");
  expect(await read(unit)).toBe("");
  const installed = await mosaic("gateway", "install");
  expect([installed.exitCode, installed.stderr]).toEqual([0, ""]);
  expect(installed.stdout).toContain("service: a unit of the system, since root has no user");
  expect(installed.stdout).toContain(`ready: http://127.0.0.1:${port}`);
  const text = await read(unit);
  expect(text).toContain(`Environment="HOME=${system.home}"`);
  expect(text).not.toContain(password);
  const verified = await system.run(["systemd-analyze", "verify", unit]);
  expect([verified.exitCode, verified.stderr]).toEqual([0, ""]);
  const enabled = await system.run(["systemctl", "is-enabled", "mosaic-gateway.service"]);
  expect(enabled.stdout).toBe("enabled\n");
  expect((await mosaic("gateway", "install")).stdout).toContain(`unchanged  ${unit}`);
  const status = await mosaic("gateway", "status", "--json");
  expect(JSON.parse(status.stdout)).toMatchObject({ state: "ready", unit: "active" });

  // What the unit shuts off is nothing that a message needs.
  const url = `http://127.0.0.1:${port}/api/v1`;
  const headers = { "content-type": "application/json" };
  const login = JSON.stringify({ email: given.MOSAIC_ADMIN_EMAIL, password });
  const entered = await fetch(`${url}/login`, { method: "POST", headers, body: login });
  const cookie = entered.headers.get("set-cookie")?.split(";")[0] ?? "";
  const sent = await fetch(`${url}/agents/one/messages`, {
    method: "POST",
    headers: { ...headers, cookie },
    body: JSON.stringify({ text: "through the system's unit" }),
  });
  expect(sent.status).toBe(202);
  const { id } = JSON.parse(await sent.text());
  const message = async () =>
    (await fetch(`${url}/messages/${id}`, { headers: { cookie } })).json();
  await eventually(message, {
    until: ({ status: is }: any) => is === "answered",
    what: "an answer",
  });

  await system.run(["systemctl", "kill", "--signal=SIGKILL", "mosaic-gateway.service"]);
  const me = async () => {
    const answer = await fetch(`${url}/me`, { headers: { cookie } }).catch(() => undefined);
    return answer?.status;
  };
  await eventually(me, { until: (code) => code === 200, what: "the next gateway" });
  expect((await mosaic("gateway", "restart")).exitCode).toBe(0);
  expect((await mosaic("gateway", "logs", "--lines", "50")).stdout).toContain("mosaic");
  expect((await mosaic("gateway", "stop")).stdout).toContain("agents go on");
  expect(await agent()).toBe(before);

  const gone = await mosaic("gateway", "uninstall", "--purge", "--yes");
  expect([gone.exitCode, gone.stderr]).toEqual([0, ""]);
  expect(await read(unit)).toBe("");
  const asked = await system.run(["systemctl", "is-enabled", "mosaic-gateway.service"]);
  expect(asked.exitCode).not.toBe(0);
  expect((await mosaic("fleet", "stop")).exitCode).toBe(0);
  // Not this host's.
  expect(() => readFileSync(unit)).toThrow();
}, 60_000);
