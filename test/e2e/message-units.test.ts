// Messages that wait, under a real systemd user manager: they outlive their sender's unit and the agent, and an agent that
// calls agent-send.sh itself leaves a receipt. The canaries do not report: nothing but the deliverer brings what waits.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { answerTo } from "../../src/canary/answer.ts";
import { eventually } from "../support/eventually.ts";
import type { SentMessage } from "../support/message-fleet.ts";
import { allPids, argvOf, isRunning, signal } from "../support/processes.ts";
import { type SystemdFleet, systemdFleet } from "../support/systemd-fleet.ts";

const roster = `version: 1
socket: mosaic-factory
supervisor: systemd
defaults: { workdir: /, restart: { backoff: 100ms } }
agents:
  - { name: slow, runtime: canary, args: [--work-ms, "4000"], env: { CANARY_REPORTS: "0" } }
  - { name: plain, runtime: canary }
  - { name: shell, runtime: command, args: [env, "PS1=$ ", bash, --norc] }
`;

async function started(): Promise<SystemdFleet> {
  const fleet = await systemdFleet(roster);
  for (const line of ["mosaic fleet install-systemd", "mosaic fleet start"]) {
    const done = await fleet.shell(line);
    if (done.exitCode !== 0 && line.endsWith("start")) throw new Error(done.stderr);
  }
  return fleet;
}

async function messagesOf(fleet: SystemdFleet, agent: string): Promise<SentMessage[]> {
  const { stdout } = await fleet.mosaic(["agent", "messages", agent, "--json"]);
  return JSON.parse(stdout).messages;
}

const deliverers = (fleet: SystemdFleet): number[] =>
  allPids().filter((pid) => {
    const argv = argvOf(pid);
    return argv[0] === fleet.binary && argv.includes("deliver") && isRunning(pid);
  });

const isSubmitted = async (fleet: SystemdFleet): Promise<boolean> =>
  (await messagesOf(fleet, "slow")).at(-1)?.status === "submitted";

test("what waits outlives the unit of its sender, the agent and its deliverer", async () => {
  await using fleet = await started();
  expect((await fleet.mosaic(["agent", "send", "slow", "-m", "first"])).exitCode).toBe(0);
  const unit = "systemd-run --user --quiet --wait --collect --unit=sender mosaic agent send slow";
  const { manager } = fleet;
  const kept = ["HOME", "PATH", "TMUX_TMPDIR"].map((name) => `--setenv=${name}`).join(" ");
  const queued = await fleet.shell(unit.replace("--wait", `--wait ${kept}`) + " -m second");
  expect([queued.exitCode, manager.home !== ""]).toEqual([6, true]);
  const [pid = 0] = await eventually(() => deliverers(fleet), {
    until: ({ length }) => length > 0,
  });
  expect(readFileSync(`/proc/${pid}/cgroup`, "utf8")).toContain("mosaic-deliver-slow-");
  await eventually(() => isSubmitted(fleet), { timeoutMs: 20_000, what: "the second message" });

  // Reboot: the agent and everything of ours ends, and the unit alone is started again.
  const third = await fleet.mosaic(["agent", "send", "slow", "-m", "third"]);
  expect(third.exitCode).toBe(6);
  for (const one of await eventually(() => deliverers(fleet), {
    until: ({ length }) => length > 0,
  })) {
    signal(one, "SIGKILL");
  }
  await eventually(() => deliverers(fleet).length === 0);
  await fleet.shell("systemctl --user restart mosaic-agent@slow.service");
  await eventually(() => isSubmitted(fleet), { timeoutMs: 20_000, what: "the third message" });
}, 60_000);

test("a deliverer that is killed while it waits behind a draft is started again", async () => {
  await using fleet = await started();
  // Queued behind one that it works on; then somebody begins to type.
  expect((await fleet.mosaic(["agent", "send", "slow", "-m", "first"])).exitCode).toBe(0);
  expect((await fleet.mosaic(["agent", "send", "slow", "-m", "second"])).exitCode).toBe(6);
  await fleet.tmux("send-keys", "-t", "=slow:", "-l", "mine");
  const [pid = 0] = await eventually(() => deliverers(fleet), {
    until: ({ length }) => length > 0,
  });
  signal(pid, "SIGKILL");
  await eventually(() => !isRunning(pid));
  const [again = 0] = await eventually(() => deliverers(fleet), {
    until: ({ length }) => length > 0,
    timeoutMs: 15_000,
    what: "another deliverer",
  });
  expect(again).not.toBe(pid);
  for (const _ of "mine") await fleet.tmux("send-keys", "-t", "=slow:", "BSpace");
  await eventually(() => isSubmitted(fleet), { timeoutMs: 30_000, what: "the second message" });
}, 90_000);

test("agent-send.sh inside an agent leaves a receipt, under the agent's own name", async () => {
  await using fleet = await started();
  const script = `${fleet.manager.home}/.config/mosaic/tools/tmux/agent-send.sh`;
  const type = async (line: string): Promise<void> => {
    await fleet.tmux("send-keys", "-t", "=shell:", "-l", line);
    await fleet.tmux("send-keys", "-t", "=shell:", "Enter");
  };
  await type(`sh ${script} --to plain "from the shell"; echo "exit $?"`);
  const screen = async () => (await fleet.tmux("capture-pane", "-p", "-t", "=shell:")).stdout;
  await eventually(async () => (await screen()).includes("exit 0"), { what: "the script's end" });
  const message = await eventually(async () => {
    const last = (await messagesOf(fleet, "plain")).at(-1);
    return last?.status === "answered" ? last : undefined;
  });
  expect(message).toMatchObject({
    label: `${hostname()}:shell`,
    answer: answerTo("from the shell"),
  });
  expect(await screen()).toMatch(
    new RegExp(`id=${message?.id} result=(submitted|accepted|answered)`),
  );

  await type(`sh ${script} -S lane:7 --to nobody hello; echo "exit $?"`);
  await eventually(async () => (await screen()).includes("exit 2"), { what: "the refusal" });
  await type(`sh ${script} -S lane:7 --to plain hello`);
  await eventually(async () => (await messagesOf(fleet, "plain")).length === 2);
  expect((await messagesOf(fleet, "plain")).at(-1)).toMatchObject({
    label: `lane:7 via ${hostname()}:shell`,
  });
}, 60_000);
