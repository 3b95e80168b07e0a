// A control group of our own in every hierarchy of the machine: what a private systemd manager takes as its root.
// Knows the pure v2 layout (one hierarchy at /sys/fs/cgroup) and the hybrid and v1 ones (one per controller).
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";

interface Mount {
  path: string;
  /** True for the v2 hierarchy. */
  unified: boolean;
  readOnly: boolean;
}

/** The hierarchies of this machine, from /proc/self/mountinfo (proc(5)). */
function mounts(): Mount[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .flatMap((fields) => {
      const dash = fields.indexOf("-");
      const kind = fields[dash + 1];
      const path = fields[4] ?? "";
      // A new cpuset group has no CPUs and takes no process; systemd does not use it on v1 either.
      if ((kind !== "cgroup" && kind !== "cgroup2") || path.endsWith("/cpuset")) return [];
      const readOnly = (fields[5] ?? "").split(",").includes("ro");
      return [{ path, unified: kind === "cgroup2", readOnly }];
    });
}

/** Why no group can be made here; empty when it can. */
export function cgroupFault(): string {
  const found = mounts();
  if (found.length === 0) return "no cgroup file system is mounted at /sys/fs/cgroup";
  const readOnly = found.find((mount) => mount.readOnly);
  return readOnly === undefined
    ? ""
    : `${readOnly.path} is mounted read-only (a container needs --privileged)`;
}

/** Makes the group `name` in every hierarchy; the folders of it. Needs root. */
export function createCgroup(name: string): string[] {
  return mounts().map((mount) => {
    if (mount.unified) enableControllers(mount.path);
    mkdirSync(`${mount.path}/${name}`);
    return `${mount.path}/${name}`;
  });
}

function enableControllers(root: string): void {
  const available = readFileSync(`${root}/cgroup.controllers`, "utf8").trim().split(" ");
  for (const controller of ["cpu", "memory", "pids"]) {
    if (!available.includes(controller)) continue;
    try {
      writeFileSync(`${root}/cgroup.subtree_control`, `+${controller}`);
    } catch {
      // EBUSY in a container whose root group has processes. The manager works without the controller; a test of
      // limits then fails on the limit itself, which names it better than we could here.
    }
  }
}

/** The folders of a running process's group, without systemd's own `init.scope`; for groups that we did not make. */
export function cgroupOf(pid: number): string[] {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
  const path = lines.find((line) => line.startsWith("0::"))?.slice("0::".length) ?? "/";
  const unified = mounts().find((mount) => mount.unified);
  return unified === undefined ? [] : [`${unified.path}${path.replace(/\/init\.scope$/, "")}`];
}

/** Processes in the group and below it. */
export function processesIn(folders: readonly string[]): number[] {
  const pids = folders
    .flatMap(withChildren)
    .flatMap((folder) => readOrEmpty(`${folder}/cgroup.procs`).split("\n"))
    .filter((line) => line !== "")
    .map(Number);
  return [...new Set(pids)];
}

/** Removes the group and those below it; they must be free of processes. */
export function removeCgroup(folders: readonly string[]): void {
  for (const folder of folders.flatMap(withChildren).toReversed()) {
    // Gone meanwhile: systemd removes groups by itself.
    if (existsSync(folder)) rmdirSync(folder);
  }
}

/** Groups at the top whose name fits, for the check after a run. */
export function cgroupsNamed(fits: (name: string) => boolean): string[] {
  return mounts().flatMap((mount) =>
    readdirSync(mount.path)
      .filter(fits)
      .map((name) => `${mount.path}/${name}`),
  );
}

/** A folder and all below it, parents first. */
function withChildren(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return []; // Gone meanwhile: systemd removes groups by itself.
  }
  return [folder, ...names.flatMap((name) => withChildren(`${folder}/${name}`))];
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Gone meanwhile.
  }
}
