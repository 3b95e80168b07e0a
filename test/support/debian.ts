// What the suite needs from the machine, named by Debian's packages. As root on Debian it is installed; anywhere else
// the caller is told exactly what is missing, and stops: nothing is skipped silently.
import { existsSync } from "node:fs";
import { $ } from "zx";

export interface Requirement {
  /** A name on PATH, or an absolute path, in which `*` may stand for the architecture. */
  program: string;
  /** Debian's package that brings it. */
  package: string;
  /** What is done with it. */
  usedFor: string;
}

const tmux: Requirement = { program: "tmux", package: "tmux", usedFor: "the agents' sessions" };

/** All that `npm test` needs. */
export const suiteRequirements: readonly Requirement[] = [
  tmux,
  { program: "/usr/lib/systemd/systemd", package: "systemd", usedFor: "a private user manager" },
  { program: "systemctl", package: "systemd", usedFor: "units" },
  { program: "systemd-run", package: "systemd", usedFor: "scopes" },
  { program: "systemd-analyze", package: "systemd", usedFor: "checking generated units" },
  { program: "ps", package: "procps", usedFor: "looking at processes" },
  { program: "strace", package: "strace", usedFor: "counting execs" },
  { program: "shellcheck", package: "shellcheck", usedFor: "checking shell scripts" },
  { program: "bash", package: "bash", usedFor: "completion tests" },
  { program: "zsh", package: "zsh", usedFor: "completion tests" },
  { program: "fish", package: "fish", usedFor: "completion tests" },
  {
    program: "/usr/lib/*/libatomic.so.1",
    package: "libatomic1",
    usedFor: "the node that the real agents run on",
  },
  { program: "busybox", package: "busybox", usedFor: "install.sh under its shell" },
  { program: "curl", package: "curl", usedFor: "install.sh" },
  { program: "wget", package: "wget", usedFor: "install.sh" },
  { program: "zstd", package: "zstd", usedFor: "install.sh" },
  { program: "openssl", package: "openssl", usedFor: "the signature of a release" },
  { program: "shasum", package: "perl", usedFor: "install.sh without sha256sum" },
  {
    program: "/usr/lib/postgresql/*/bin/postgres",
    package: "postgresql",
    usedFor: "the gateway of a team",
  },
  { program: "redis-server", package: "redis-server", usedFor: "the gateway of a team" },
  { program: "setpriv", package: "util-linux", usedFor: "PostgreSQL, which refuses to be root" },
  {
    program: "git",
    package: "git",
    usedFor: "the commit in the version, and the start-up baseline",
  },
];

/** All that a fleet on the builtin supervisor needs. */
export const fleetRequirements: readonly Requirement[] = [tmux];

export interface HostFacts {
  isRoot: boolean;
  isDebian: boolean;
}

/** What to do about missing programs: nothing, an installation, or an explanation for the person. */
export type InstallPlan =
  | { kind: "nothing" }
  | { kind: "install"; packages: string[] }
  | { kind: "refuse"; reason: string };

/** Decides what to do about missing programs. Pure. */
export function planInstall(missing: readonly Requirement[], host: HostFacts): InstallPlan {
  if (missing.length === 0) return { kind: "nothing" };
  const packages = [...new Set(missing.map((requirement) => requirement.package))].toSorted();
  if (host.isRoot && host.isDebian) return { kind: "install", packages };
  const lines = missing.map(
    ({ program, package: name, usedFor }) => `  ${program} (${usedFor}; Debian package ${name})`,
  );
  const install = host.isDebian
    ? `sudo apt-get install ${packages.join(" ")}`
    : `install these with this system's packages: ${packages.join(" ")}`;
  return { kind: "refuse", reason: `missing:\n${lines.join("\n")}\n  hint: ${install}` };
}

/** Makes sure that every program is there; throws an error whose message is for people when that can't be done. */
export async function ensureInstalled(requirements: readonly Requirement[]): Promise<void> {
  const host = { isRoot: process.getuid?.() === 0, isDebian: existsSync("/etc/debian_version") };
  const plan = planInstall(requirements.filter(isMissing), host);
  if (plan.kind === "refuse") throw new Error(plan.reason);
  if (plan.kind === "nothing") return;
  process.stderr.write(`installing ${plan.packages.join(" ")}\n`);
  const apt = $({ quiet: true, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  // Another apt-get may run right after the host came up.
  const options = ["-q", "-y", "-o", "DPkg::Lock::Timeout=120"];
  await apt`apt-get ${options} update`;
  await apt`apt-get ${options} install --no-install-recommends ${plan.packages}`;
  const still = requirements.filter(isMissing).map((requirement) => requirement.program);
  if (still.length > 0) throw new Error(`installed, but still not there: ${still.join(", ")}`);
}

function isMissing({ program }: Requirement): boolean {
  if (!program.startsWith("/")) return Bun.which(program) === null;
  return [...new Bun.Glob(program.slice(1)).scanSync({ cwd: "/", onlyFiles: false })].length === 0;
}
