// The checks of `npm run preflight`, in the order of the document's list, each with what it saw. Over 200 lines because the
// list is one.
import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { arch, release as kernel } from "node:os";
import { dirname } from "node:path";
import { writeNpmPackages } from "../../release/npm-packages.ts";
import { targets } from "../../release/targets.ts";
import { version } from "../../src/version.ts";
import type { UpdateReport } from "../../src/update/update.ts";
import { proveContainer } from "../container.ts";
import { installAgents } from "./agents.ts";
import { addRealRelease, testSigner } from "./fake-release.ts";
import { type FakeModelServer, startFakeModelServer } from "./fake-model-server.ts";
import { seedPiHome } from "./pi-home.ts";
import { type ReleaseServer, releaseServer } from "./release-server.ts";
import { type CommandResult, outputOf, runCommand } from "./run-command.ts";
import { buildVersion } from "./second-version.ts";
import { repositoryRoot } from "./source-files.ts";
import { tempHome, type TempHome } from "./temp-home.ts";
import { startUserManager } from "./user-manager.ts";

export interface Evidence {
  /** One line. */
  said: string;
  /** What commands printed. */
  evidence: string;
}

export interface PreflightStage extends AsyncDisposable {
  host: string;
  /** Agent of the person's own fleet to send a task to. */
  agent: string | undefined;
  work: TempHome;
  /** What the real pi talks to. */
  model: FakeModelServer;
  server: ReleaseServer;
  /** A line in a private home with a private user manager; `mosaic` is on its PATH once it is installed. */
  shell: (line: string) => Promise<CommandResult>;
  /** The same, which has to succeed; its standard output. */
  ok: (line: string) => Promise<string>;
}

const next = "99.0.0";
const socket = "mosaic-factory";
const panes = `tmux -L ${socket} list-panes -a -F '#{session_name} #{pane_pid}'`;

/** Builds this version and a newer one, and serves both. */
export async function openStage({ agent }: Pick<PreflightStage, "agent">): Promise<PreflightStage> {
  const work = tempHome();
  const signer = testSigner();
  for (const one of [next, version]) {
    const executable = work.at(`build/${one}`);
    await buildVersion({ outfile: executable, version: one, keys: [signer.publicKey] });
    addRealRelease(work.at("release"), { version: one, signer, executable });
  }
  const { bin } = await installAgents();
  const model = startFakeModelServer();
  const server = releaseServer(work.at("release"));
  const manager = await startUserManager();
  seedPiHome(
    { write: (path, text, mode = 0o600) => writeBelow(manager.home, { path, text, mode }) },
    model,
  );
  mkdirSync(`${manager.home}/.local/bin`, { recursive: true });
  for (const name of ["pi", "node"])
    symlinkSync(`${bin}/${name}`, `${manager.home}/.local/bin/${name}`);
  const env = { ...manager.env, PATH: `${manager.home}/.local/bin:${manager.env["PATH"]}` };
  const shell = (line: string) =>
    runCommand(["sh", "-c", line], { env, cwd: manager.home, timeoutMs: 180_000 });
  return {
    host: `linux ${kernel()} ${arch()}`,
    agent,
    work,
    model,
    server,
    shell,
    async ok(line) {
      const { exitCode, stdout, stderr } = await shell(line);
      if (exitCode === 0) return stdout;
      throw new Error(`${line}: exit ${exitCode}\n${stdout}${stderr}`);
    },
    async [Symbol.asyncDispose]() {
      await shell("mosaic fleet stop; tmux kill-server");
      await manager[Symbol.asyncDispose]();
      server[Symbol.dispose]();
      model[Symbol.dispose]();
      work.remove();
    },
  };
}

export const steps: readonly {
  title: string;
  run: (stage: PreflightStage) => Promise<Evidence>;
}[] = [
  { title: "install by curl | sh, to a verified fleet", run: install },
  { title: "dogfood: a task is sent, accepted and answered", run: dogfood },
  { title: "dogfood: a real pi gets exactly the text that was sent", run: realRuntime },
  { title: "start, restart, stop, start; the default tmux server stays", run: idempotency },
  { title: "liveness: verify, and each session by its exact name", run: liveness },
  { title: "package dry run", run: packageDryRun },
  { title: "launcher against executable", run: launcher },
  { title: "update from the packed artifact keeps roster and configuration", run: updateTest },
  { title: "container: a minimal Debian", run: container },
  { title: "uninstall keeps the roster", run: uninstall },
];

async function install({ server, ok }: PreflightStage): Promise<Evidence> {
  const beganAt = performance.now();
  const base = `MOSAIC_INSTALL_BASE_URL=${server.url}`;
  await ok(`curl -fsSL ${server.url}/install.sh | ${base} sh -s -- --version ${version}`);
  const installedMs = performance.now() - beganAt;
  await ok("mosaic fleet init --profile demo --write");
  const pi = "  - { name: real-pi, runtime: pi, env: { PI_OFFLINE: 1 } }";
  await ok(`echo '${pi}' >>~/.config/mosaic/fleet/roster.yaml`);
  await ok("mosaic fleet install-systemd");
  await ok("mosaic fleet start");
  const verified = await ok("mosaic fleet verify");
  const wholeMs = performance.now() - beganAt;
  const said = `installed after ${seconds(installedMs)}, verified after ${seconds(wholeMs)}`;
  return { said, evidence: `${await ok("mosaic --version")}${verified}` };
}

async function dogfood({ agent, ok }: PreflightStage): Promise<Evidence> {
  const send =
    'mosaic agent send canary-1 --message "what is the state of the release?" --wait answered';
  const sent = await ok(send);
  const receipts = await ok("mosaic agent messages canary-1");
  const screen = await ok("mosaic agent tail canary-1 -n 8");
  const own = agent === undefined ? "" : await ownAgent(agent);
  const whom = agent === undefined ? "canary-1" : `canary-1 and ${agent}`;
  return { said: `${whom} accepted and answered`, evidence: `${sent}${receipts}${screen}${own}` };
}

/** In the person's own home, and not in ours. */
async function ownAgent(agent: string): Promise<string> {
  const task = "Reply with the single word: ready";
  const wait = ["--wait", "answered", "--timeout", "300s"];
  const argv = [
    `${repositoryRoot}/dist/mosaic`,
    "agent",
    "send",
    agent,
    "--message",
    task,
    ...wait,
  ];
  return await outputOf(argv, { timeoutMs: 320_000 });
}

async function realRuntime({ ok, model }: PreflightStage): Promise<Evidence> {
  const task = "Three lines, $(id) and `quotes`;\n!not a shell\n/not a command";
  const answer = "the answer is 42";
  const quoted = `'${task} [[reply=${answer}]]'`;
  const sent = await ok(`mosaic agent send real-pi --wait answered --message ${quoted}`);
  const got = model.requests.find(({ prompt }) => prompt.includes(task));
  if (got === undefined) throw new Error(`the model did not get the text\n${sent}`);
  if (!sent.includes(answer)) throw new Error(`no answer\n${sent}`);
  const said =
    "pi from npm, a model server on loopback: the model got the text, and its answer came back";
  return { said, evidence: `${sent}\nwhat the model got:\n${got.prompt}` };
}

async function idempotency({ ok, shell }: PreflightStage): Promise<Evidence> {
  // Somebody's own server, which every command here would find if it asked without -L.
  await ok("tmux -f /dev/null new-session -d -s mine cat");
  const list =
    "tmux list-sessions -F '#{session_name} #{session_id} #{session_created}'; tmux list-panes -a -F '#{pane_pid}'";
  const before = await ok(list);
  const said: string[] = [];
  for (const verb of ["start", "restart", "stop", "start", "start"]) {
    said.push(`$ mosaic fleet ${verb}\n${await ok(`mosaic fleet ${verb}`)}`);
  }
  const after = await ok(list);
  if (before !== after) throw new Error(`the default server changed from\n${before}to\n${after}`);
  const stopped = await shell("mosaic fleet stop && mosaic fleet stop");
  if (stopped.exitCode !== 0) throw new Error(`the second stop fails\n${stopped.stderr}`);
  await ok("mosaic fleet start");
  return {
    said: "idempotent; tmux ls is the same before and after",
    evidence: `${said.join("")}$ tmux ls\n${after}`,
  };
}

async function liveness({ ok }: PreflightStage): Promise<Evidence> {
  const verified = await ok("mosaic fleet verify");
  const sessions = await ok(`tmux -L ${socket} ls`);
  for (const name of ["_holder", "canary-1", "canary-2", "real-pi"]) {
    await ok(`tmux -L ${socket} has-session -t '=${name}'`);
  }
  const units = await ok("systemctl --user is-active mosaic-tmux-holder.service");
  return {
    said: "_holder, canary-1, canary-2, real-pi",
    evidence: `${verified}${sessions}holder: ${units}`,
  };
}

async function packageDryRun({ work }: PreflightStage): Promise<Evidence> {
  const host = targets.filter(({ name }) => name === `linux-${process.arch}`);
  const binaries = work.at(`release/${version}`);
  writeNpmPackages({ version, targets: host, binaries, out: work.at("npm") });
  const said = await outputOf(["npm", "pack", "--dry-run", "--json"], {
    cwd: work.at("npm/mosaic"),
  });
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(said);
  const paths = files.map(({ path }) => path);
  const wanted = [
    "framework/fleet",
    "framework/systemd/user",
    "framework/tools/fleet",
    "framework/tools/tmux",
    "dist",
  ];
  const missing = wanted.filter((folder) => !paths.some((path) => path.startsWith(`${folder}/`)));
  if (missing.length > 0) throw new Error(`the package lacks ${missing.join(", ")}`);
  return {
    said: `${paths.length} files; ${wanted.join(", ")} are among them`,
    evidence: paths.join("\n"),
  };
}

/** Medians of the same number of runs in turns, because a machine has moods. */
async function launcher({ work, ok }: PreflightStage): Promise<Evidence> {
  await ok("mosaic --version");
  const binary = work.at(`npm/mosaic-linux-${process.arch}/mosaic`);
  const script = work.at("npm/mosaic/dist/mosaic.cjs");
  // As npm lays them out.
  await outputOf(["mkdir", "-p", work.at("npm/mosaic/node_modules/@mosaicstack")]);
  const place = work.at(`npm/mosaic/node_modules/@mosaicstack/mosaic-linux-${process.arch}`);
  await outputOf(["ln", "-sfn", work.at(`npm/mosaic-linux-${process.arch}`), place]);
  const commands = {
    executable: [binary, "--version"],
    launcher: ["node", script, "--version"],
    "node -e 0": ["node", "-e", "0"],
  };
  const times: Record<string, number[]> = {};
  for (let round = 0; round < 21; round++) {
    for (const [name, argv] of Object.entries(commands)) {
      const beganAt = performance.now();
      await outputOf(argv);
      (times[name] ??= []).push(performance.now() - beganAt);
    }
  }
  const medians = Object.entries(times).map(([name, all]) => {
    const median = all.toSorted((a, b) => a - b)[10] ?? 0;
    return `${name} ${median.toFixed(1)} ms`;
  });
  const size = (statSync(binary).size / 1e6).toFixed(1);
  return { said: medians.join(", "), evidence: `executable of ${size} MB, 21 runs each, median` };
}

async function updateTest({ ok, server }: PreflightStage): Promise<Evidence> {
  await ok(
    "mkdir -p ~/.config/mosaic && echo '# of this site' >> ~/.config/mosaic/fleet/roster.yaml",
  );
  const before = await ok(panes);
  const beganAt = performance.now();
  const said = await ok(`mosaic update --version ${next} --from ${server.url} --json`);
  const tookMs = performance.now() - beganAt;
  const report: UpdateReport = JSON.parse(said);
  const lost = report.manifest.filter(({ fate }) => fate === "lost");
  if (lost.length > 0) throw new Error(`lost: ${lost.map(({ what }) => what).join(", ")}`);
  const after = await ok(panes);
  if (before !== after) throw new Error(`agents changed from\n${before}to\n${after}`);
  await ok("mosaic fleet verify");
  await ok("grep -q '# of this site' ~/.config/mosaic/fleet/roster.yaml");
  const back = await ok("mosaic update --rollback");
  if ((await ok(panes)) !== before) throw new Error("the rollback changed the agents");
  const line = `${report.from} -> ${report.to} and back in ${seconds(tookMs)} and a rollback; agents with the same pids`;
  return { said: line, evidence: `pids before\n${before}pids after\n${after}\n${back}` };
}

async function container(): Promise<Evidence> {
  const lines: string[] = [];
  await proveContainer((line) => lines.push(line));
  return { said: lines.at(-1) ?? "", evidence: lines.join("\n") };
}

async function uninstall({ ok, shell }: PreflightStage): Promise<Evidence> {
  const said = await ok("mosaic uninstall --yes");
  await ok("test -f ~/.config/mosaic/fleet/roster.yaml");
  const gone = await shell("command -v mosaic; ls ~/.local/share/mosaic/versions");
  if (gone.exitCode === 0) throw new Error(`it is still there: ${gone.stdout}`);
  return { said: "no executable, no unit, no PATH line; the roster stays", evidence: said };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function writeBelow(
  folder: string,
  { path, text, mode }: { path: string; text: string; mode: number },
): string {
  mkdirSync(dirname(`${folder}/${path}`), { recursive: true, mode: 0o700 });
  writeFileSync(`${folder}/${path}`, text, { mode });
  return `${folder}/${path}`;
}
