// A real manager of the system (systemd as pid 1) for a test, in namespaces of its own: its root is a layer above this host's,
// in memory, so that it may write into /etc and this host keeps its own. Tried with systemd 252. Needs root.
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { createCgroup, processesIn, removeCgroup } from "./cgroup.ts";
import { eventually } from "./eventually.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { tempHome } from "./temp-home.ts";
import { enterGroup, groupName } from "./user-manager.ts";

/** An own /etc without this host's units, and without what would set up a kernel that is not ours. */
const boot = `set -e
dir=$1 layers=$1/layers root=$1/root
mount -t tmpfs -o mode=755 tmpfs "$layers"
mkdir "$layers/above" "$layers/work"
mount -t overlay -o "lowerdir=/,upperdir=$layers/above,workdir=$layers/work" overlay "$root"
for shared in "$dir/home" "$2"; do
  mkdir -p "$root$shared"
  mount --bind "$shared" "$root$shared"
done
cd "$root"
mount -t proc proc proc
mount --rbind /dev dev
mount --rbind /sys sys
mount -t tmpfs -o mode=755 tmpfs run
rm -rf etc/systemd/system usr/lib/systemd/system/*.wants lib/systemd/system/*.wants
mkdir -p etc/systemd/system/sysinit.target.wants
ln -s /usr/lib/systemd/system/systemd-journald.service etc/systemd/system/sysinit.target.wants/
exec chroot . env -i container=mosaic-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
  /usr/lib/systemd/systemd --system --unit=multi-user.target --show-status=no --log-target=null`;

const isUp = (said: string): boolean => said === "running" || said === "degraded";

/** Ended by `await using`. */
export async function startSystemManager({ executable }: { executable: string }) {
  const dir = tempHome();
  for (const name of ["home", "layers", "root"]) mkdirSync(`${dir.path}/${name}`);
  const folders = createCgroup(groupName(dir.path));
  const namespaces = ["unshare", "--pid", "--mount", "--uts", "--ipc", "--fork", "--kill-child"];
  const child = Bun.spawn(
    [...enterGroup(folders), ...namespaces, "sh", "-c", boot, "sh", dir.path, dirname(executable)],
    { env: process.env, stdin: "ignore", stdout: "ignore", stderr: "pipe" },
  );
  const children = `/proc/${child.pid}/task/${child.pid}/children`;
  const pid = await eventually(() => Number(readFileSync(children, "utf8").trim()), {
    until: (found) => found > 0,
    what: "pid 1 of the system",
  });
  const env = {
    HOME: `${dir.path}/home`,
    TMUX_TMPDIR: "/run",
    PATH: `${dirname(executable)}:/usr/sbin:/usr/bin:/sbin:/bin`,
    LANG: "C.UTF-8",
    ...(process.env.MOSAIC_TEST_RUN === undefined
      ? {}
      : { MOSAIC_TEST_RUN: process.env.MOSAIC_TEST_RUN }),
  };
  const enter = [
    "nsenter",
    `--target=${pid}`,
    "--pid",
    "--mount",
    "--uts",
    "--ipc",
    "--root",
    "--wd",
  ];
  const run = (
    argv: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<CommandResult> =>
    runCommand([...enter, ...argv], { env: { ...env, ...more }, timeoutMs: 60_000 });
  const system = {
    home: env.HOME,
    /** Runs a program in it, as root in a session without a bus. */
    run,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      await eventually(() => processesIn(folders).length === 0, { what: "the end of its system" });
      await eventually(() => removeCgroup(folders), { what: "its group's end", until: () => true });
      dir[Symbol.dispose]();
    },
  };
  const state = async () => {
    if (child.exitCode !== null) throw new Error(await child.stderr.text());
    return (await run(["systemctl", "is-system-running"])).stdout.trim();
  };
  try {
    await eventually(state, { until: isUp, what: "the system", timeoutMs: 20_000 });
  } catch (error) {
    await system[Symbol.asyncDispose]();
    throw error;
  }
  return system;
}
