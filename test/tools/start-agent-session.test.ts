// What the script of an agent must survive, and what it must never touch. Each case was found by trying to break it.
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { argvOf, isRunning, signal } from "../support/processes.ts";
import { scriptFleet } from "../support/script-fleet.ts";

const panes = ["list-panes", "-a", "-F", "#{session_name} #{pane_pid} #{session_created}"];

test("the server of another mosaic home is left alone, with its agent of the same name", async () => {
  await using fleet = await scriptFleet({}, "/somebody/else");
  await fleet.tmux("new-session", "-d", "-s", "one", "cat");
  await fleet.tmux("set-option", "-t", "=one:", "@mosaic_agent", "one");
  await fleet.tmux("set-option", "-t", "=one:", "@mosaic_instance", "abc");
  const before = (await fleet.tmux(...panes)).stdout;
  expect(await fleet.start().exited).toBe(78);
  await fleet.stop();
  expect((await fleet.tmux(...panes)).stdout).toBe(before);
});

test("a person's session with the agent's name is left alone, also by a start that is ended", async () => {
  await using fleet = await scriptFleet();
  await fleet.tmux("new-session", "-d", "-s", "one", "cat");
  const before = (await fleet.tmux(...panes)).stdout;
  expect(await fleet.start().exited).toBe(78);
  expect(await Bun.file(`${fleet.agentDir}/fault`).text()).toContain("not made by mosaic");
  await fleet.stop();
  const unit = fleet.start();
  unit.kill("SIGTERM");
  await unit.exited;
  expect((await fleet.tmux(...panes)).stdout).toBe(before);
});

test("a workdir is a folder and no tmux format", async () => {
  await using fleet = await scriptFleet();
  const workdir = fleet.dir.at("w#(touch pwned)");
  mkdirSync(workdir);
  await using odd = await scriptFleet({ workdir, args: ["sleep", "100"] });
  await odd.started();
  const wrapper = await odd.wrapper();
  const child = readFileSync(`/proc/${wrapper}/task/${wrapper}/children`, "utf8").trim();
  expect(readlinkSync(`/proc/${child}/cwd`)).toBe(workdir);
  expect([existsSync(`${workdir}/pwned`), existsSync("/pwned")]).toEqual([false, false]);
});

test("a stop that was itself killed makes no clean stop of the next crash", async () => {
  await using fleet = await scriptFleet();
  (await fleet.started()).kill("SIGKILL");
  await Bun.write(`${fleet.agentDir}/stopping`, "");
  const adopter = fleet.start();
  await adopter.said("adopts the living session");
  signal(await fleet.wrapper(), "SIGKILL");
  expect(await adopter.exited).toBe(1);
  expect(fleet.blackBox()).toMatchObject({ reason: "crash", signal: "KILL" });
});

test("a pane that dies at once fails the start at once", async () => {
  await using fleet = await scriptFleet();
  rmSync(`${fleet.agentDir}/launch.sh`);
  // The script has read it by then; the wrapper finds none.
  await Bun.write(
    `${fleet.agentDir}/launch.sh`,
    "launch_format=3\nname=one socket=mosaic-t workdir=/ columns=80 rows=24 runtime=x channel=paste enter_delay_ms=50\n" +
      `second_enter=0 composer= question= settle_ms=0 stop_seconds=1 scope_prefix=x restart_window_s=1 restart_backoff_ms=1\n` +
      `restart_backoff_max_ms=1 env_file= install_hint= home_format='${fleet.dir.at("home/.config/mosaic")}'\n` +
      `case $0 in *agent-pane.sh) kill -9 $$ ;; esac\n`,
  );
  const unit = fleet.start();
  expect(await unit.exited).toBe(1);
  expect(fleet.blackBox()).toMatchObject({ reason: "crash", signal: "KILL" });
});

test("a window that a person split does not confuse whose pane it is", async () => {
  await using fleet = await scriptFleet();
  const unit = await fleet.started();
  await fleet.tmux("split-window", "-t", "=one:", "sh", "-c", "echo PERSON; exec sleep 100");
  unit.kill("SIGKILL");
  await unit.exited;
  const adopter = fleet.start();
  await adopter.said("adopts the living session");
  await fleet.tmux("send-keys", "-t", `=one:.0`, "AGENT", "Enter");
  await eventually(
    async () =>
      (await fleet.tmux("capture-pane", "-p", "-t", "=one:.0")).stdout.includes("AGENT\nAGENT"),
    {
      what: "the agent's own screen",
    },
  );
  signal(await fleet.wrapper(), "SIGKILL");
  expect(await adopter.exited).toBe(1);
  expect(await Bun.file(`${fleet.agentDir}/last-screen.txt`).text()).toStartWith("AGENT\nAGENT\n");
});

test("an agent can be stopped though its folder cannot be written", async () => {
  await using fleet = await scriptFleet();
  await fleet.started();
  const wrapper = await fleet.wrapper();
  // A redirection to a folder fails as it does on a full or read-only disk, for root too.
  mkdirSync(`${fleet.agentDir}/stopping`);
  await fleet.stop();
  expect(isRunning(wrapper)).toBe(false);
  expect((await fleet.tmux("has-session", "-t", "=one")).exitCode).toBe(1);
});

test("a pause after a crash ends with the process that makes it", async () => {
  await using fleet = await scriptFleet();
  await Bun.write(`${fleet.agentDir}/crashes`, `garbage\n\n${Math.floor(Date.now() / 1000)}\n`);
  const unit = fleet.start();
  await unit.said("backoff 60000 ms after a crash");
  await eventually(() => fleet.processes().length >= 2, { what: "the sleep" });
  unit.kill("SIGTERM");
  expect(await unit.exited).toBe(0);
  await eventually(() => fleet.processes().length === 1, {
    what: "the holder's own process alone",
  });
});

test("one line on the screen is the whole last screen", async () => {
  await using fleet = await scriptFleet({ args: ["sh", "-c", "echo please log in; exit 78"] });
  expect(await fleet.start().exited).toBe(78);
  expect(await Bun.file(`${fleet.agentDir}/last-screen.txt`).text()).toStartWith("please log in\n");
});

test("a server that has not read its configuration yet is waited for, not refused", async () => {
  await using fleet = await scriptFleet({}, "");
  // As after a crash of the server: the agent ran before.
  await Bun.write(`${fleet.agentDir}/instance`, "0123456789abcdef0123456789abcdef 1700000000\n");
  const unit = fleet.start();
  await eventually(() => fleet.processes().some((pid) => argvOf(pid)[0] === "sleep"), {
    what: "the script to wait",
    intervalMs: 5,
  });
  await fleet.tmux("set-option", "-g", "@mosaic_home", fleet.dir.at("home/.config/mosaic"));
  await unit.said("ready");
});
