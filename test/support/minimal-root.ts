// A Debian with nothing in it but what `debootstrap --variant=minbase` and our Dockerfile put there, and mosaic as its pid 1:
// what a container is, without a container engine. Needs root.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { eventually } from "./eventually.ts";
import { type CommandResult, outputOf, runCommand } from "./run-command.ts";
import { repositoryRoot } from "./source-files.ts";

const cached = `${repositoryRoot}/node_modules/.cache/mosaic/minbase`;

/** Debian's servers may be slow. */
const bootstrapTimeoutMs = 900_000;

/** The environment of the Dockerfile. */
const containerEnv = {
  HOME: "/home/mosaic",
  USER: "mosaic",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
  XDG_RUNTIME_DIR: "/run/mosaic",
  TMUX_TMPDIR: "/run/mosaic",
  MOSAIC_ASSUME_YES: "1",
  TERM: "xterm-256color",
};

/** Folders of the Dockerfile that are the user's own. */
const ownFolders =
  "/run/mosaic /home/mosaic /home/mosaic/.config/mosaic /home/mosaic/.local/state/mosaic /home/mosaic/.local/share/mosaic /home/mosaic/work";

export interface Container extends AsyncDisposable {
  /** Pid of its pid 1, as this host counts. */
  pid: number;
  /** A command line in it, as the same user. */
  shell: (line: string) => Promise<CommandResult>;
  /** What its pid 1 has said so far. */
  log: () => string;
  /** Exit code of its pid 1. */
  exited: Promise<number>;
  /** Dead processes in it that nobody has reaped, as `PID NAME`. */
  zombies: () => Promise<string[]>;
}

/** The root file system, made once per checkout and copied; its path. The caller removes it. */
export async function minimalRoot(work: string, executable: string): Promise<string> {
  if (!existsSync(cached)) {
    const release = readFileSync("/etc/os-release", "utf8");
    const suite = /^VERSION_CODENAME=(\S+)/m.exec(release)?.[1] ?? "bookworm";
    const include = "--include=tmux,ca-certificates";
    rmSync(`${cached}.new`, { recursive: true, force: true });
    mkdirSync(`${cached}.new`, { recursive: true });
    const argv = ["debootstrap", "--variant=minbase", include, suite, `${cached}.new`];
    await outputOf(argv, { timeoutMs: bootstrapTimeoutMs });
    renameSync(`${cached}.new`, cached);
  }
  const root = `${work}/root`;
  await outputOf(["cp", "-a", "--reflink=auto", cached, root], { timeoutMs: bootstrapTimeoutMs });
  copyFileSync(executable, `${root}/usr/local/bin/mosaic`);
  await outputOf(["chmod", "755", `${root}/usr/local/bin/mosaic`]);
  await inRoot(root, "useradd --create-home --uid 1000 mosaic");
  await inRoot(root, `install -d -o mosaic -g mosaic -m 700 ${ownFolders}`);
  return root;
}

async function inRoot(root: string, line: string): Promise<void> {
  await outputOf(["chroot", root, "sh", "-c", line], { env: { PATH: containerEnv.PATH } });
}

const asUser = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups"];

/** Runs `mosaic ARGS…` as pid 1 of namespaces of its own, with this root. */
export async function runContainer(root: string, args: readonly string[]): Promise<Container> {
  const mounts =
    'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"';
  const inside = [...asUser, "mosaic", ...args];
  const namespaces = ["unshare", "--pid", "--mount", "--uts", "--ipc", "--fork", "--kill-child"];
  const child = Bun.spawn([...namespaces, "sh", "-c", mounts, root, ...inside], {
    env: containerEnv,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  let said = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) said += decoder.decode(chunk, { stream: true });
  })();
  const children = `/proc/${child.pid}/task/${child.pid}/children`;
  const pid = await eventually(() => Number(readFileSync(children, "utf8").trim()), {
    until: (found) => found > 0,
    what: "pid 1 of the container",
  });
  const enter = ["nsenter", "--target", String(pid), "--pid", "--mount", "--uts", "--ipc"];
  const exited = child.exited.then(async (code) => {
    await reading;
    return code;
  });
  const shell = (line: string) =>
    runCommand([...enter, "chroot", root, ...asUser, "sh", "-c", line], {
      env: containerEnv,
      timeoutMs: 120_000,
    });
  return {
    pid,
    shell,
    exited,
    log: () => said,
    async zombies() {
      const states = "for f in /proc/[0-9]*/stat; do cat $f 2>/dev/null; done";
      const { stdout } = await shell(states);
      return [...stdout.matchAll(/^(\d+) \((.*)\) Z /gm)].map(([, id, name]) => `${id} ${name}`);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
