import { expect, test } from "bun:test";
import { main } from "../../src/main.ts";
import { fakeContext } from "../support/fake-context.ts";

const roster = `version: 1
socket: mosaic-t
defaults: { workdir: ~/, restart: { policy: on-failure, burst: 5, window: 15m } }
agents:
  - name: canary-pi
    runtime: pi
    workdir: ~/work/with/quite/a/long/path/below/the/home/folder/of/a/person
    limits: { memoryMax: 2G, cpuQuota: 150%, tasksMax: 512 }
  - name: shell
    runtime: command
    args: [cat]
    restart: { policy: never }
`;

function withRoster(io: { columns?: number; stdoutIsTty?: boolean } = {}) {
  const ctx = fakeContext({ io });
  ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
  return ctx;
}

test("agent roster is a table, whole when it is read by a script", async () => {
  using ctx = withRoster();
  expect(await main(["agent", "roster"], ctx)).toBe(0);
  expect(ctx.stdout).toBe(
    [
      "NAME       RUNTIME  RESTART           LIMITS             WORKDIR",
      "canary-pi  pi       on-failure 5/15m  2G 150% 512 tasks  ~/work/with/quite/a/long/path/below/the/home/folder/of/a/person",
      "shell      command  never             -                  ~",
      "",
    ].join("\n"),
  );
});

test("agent roster fits the terminal", async () => {
  using ctx = withRoster({ columns: 70, stdoutIsTty: true });
  await main(["agent", "roster"], ctx);
  expect(ctx.stdout).toBe(
    [
      "NAME       RUNTIME  RESTART           LIMITS           WORKDIR",
      "canary-pi  pi       on-failure 5/15m  2G 150% 512 ta…  ~/work/with/qu…",
      "shell      command  never             -                ~",
      "",
    ].join("\n"),
  );
});

test("agent roster --json is the typed roster with a schemaVersion", async () => {
  using ctx = withRoster();
  expect(await main(["agent", "roster", "--json"], ctx)).toBe(0);
  const printed = JSON.parse(ctx.stdout);
  expect(printed).toMatchObject({
    schemaVersion: 1,
    file: ctx.home.at(".config/mosaic/fleet/roster.yaml"),
    socket: "mosaic-t",
    supervisor: "auto",
    agents: [
      { name: "canary-pi", runtime: "pi", limits: { memoryMax: "2G" } },
      { name: "shell", args: ["cat"], restart: { policy: "never" } },
    ],
  });
});

test("without a roster the command that writes one is named, exit code 2", async () => {
  using ctx = fakeContext();
  expect(await main(["agent", "roster"], ctx)).toBe(2);
  expect(ctx.stderr).toContain("hint: mosaic fleet init");
});
