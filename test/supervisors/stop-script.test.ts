// `start-agent-session.sh --stop` where its agent is already gone. In a namespace of its own, because what is tested
// here once ended every process of the machine.
import { expect, test } from "bun:test";
import { renderLaunch } from "../../src/domain/launch.ts";
import { privateEnvironment } from "../support/private-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";

const script = `${import.meta.dir}/../../framework/tools/fleet/start-agent-session.sh`;

const restart = {
  policy: "never",
  burst: 1,
  windowMs: 1000,
  backoffMs: 1000,
  backoffMaxMs: 1000,
} as const;

test.each([
  ["the session is gone, with what the agent left", "0123456789abcdef 1700000000\n"],
  ["the record of the agent is empty", "\n"],
])("a stop ends nothing that is not the agent's: %s", async (_, instance) => {
  using home = tempHome();
  const env = privateEnvironment(home.path);
  const agent = { name: "one", runtime: "command", workdir: "/", args: ["cat"] } as const;
  const launch = renderLaunch({
    roster: { socket: "mosaic-t", window: { columns: 80, rows: 24 } },
    agent: { ...agent, args: ["cat"], env: {}, limits: {}, restart },
    self: ["mosaic"],
    home: "/c",
  });
  home.write("home/.local/state/mosaic/agents/one/launch.sh", launch);
  home.write("home/.local/state/mosaic/agents/one/instance", instance);
  const mark = instance.split(" ")[0] ?? "";
  // pid 1 is this shell; beside it a stranger, one of the agent's, and one with an empty mark.
  const line = [
    "sleep 100 & stranger=$!",
    `MOSAIC_INSTANCE=${mark.trim() || "x"} setsid sleep 100 & ours=$!`,
    "MOSAIC_INSTANCE= sleep 100 & unmarked=$!",
    `sh '${script}' --stop one || echo "failed $?"`,
    "kill -0 $stranger && echo stranger lives",
    "kill -0 $unmarked && echo unmarked lives",
    "kill -0 $ours 2>/dev/null && echo ours lives",
    "kill -9 $stranger $unmarked $ours 2>/dev/null",
    "exit 0",
  ].join("\n");
  const namespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
  if (process.getuid?.() !== 0) namespace.push("--user", "--map-root-user");
  const done = await runCommand([...namespace, "sh", "-c", line], { env });
  const survivors = ["stranger lives", "unmarked lives"];
  if (mark.trim() === "") survivors.push("ours lives");
  expect(done.stdout.trim().split("\n")).toEqual(survivors);
  expect(done.exitCode).toBe(0);
});
