// What the shell scripts of the framework call, looked for on the PATH that they will have, and tried where
// implementations differ (busybox, BSD).
import { agentSearchPath } from "../../fleet/search-path.ts";
import { askTimeoutMs, type Check, ok, problem, warning } from "../check.ts";

/** Debian's package of each program; a test holds the names against the scripts. */
export const neededTools: Readonly<Record<string, string>> = {
  awk: "mawk",
  cat: "coreutils",
  date: "coreutils",
  flock: "util-linux",
  grep: "grep",
  mkdir: "coreutils",
  mkfifo: "coreutils",
  mv: "coreutils",
  od: "coreutils",
  rm: "coreutils",
  sed: "sed",
  sleep: "coreutils",
  tmux: "tmux",
  tr: "coreutils",
  uname: "coreutils",
};

/** Only under the systemd supervisor. */
export const systemdTools: Readonly<Record<string, string>> = {
  systemctl: "systemd",
  "systemd-notify": "systemd",
  "systemd-run": "systemd",
};

/** One line per fault: `missing NAME`, or `unfit` and what does not work. */
const script = `has() { command -v "$1" >/dev/null 2>&1; }
for tool; do has "$tool" || echo "missing $tool"; done
! has grep || printf 'A=1\\000MARK=2\\000' | grep -zqsx MARK=2 2>/dev/null || echo "unfit grep -z (NUL separated lines)"
! has sleep || sleep 0.01 2>/dev/null || echo "unfit sleep 0.01 (parts of a second)"
[ -r "/proc/$$/task/$$/children" ] || echo "unfit /proc/PID/task/PID/children (kernel option PROC_CHILDREN)"
echo end
`;

export const tools: Check = {
  id: "tools",
  title: "shell tools",
  needs: "home",
  async run(ctx, { supervisor = "builtin" }) {
    const path = await agentSearchPath(ctx, supervisor);
    const packages = { ...neededTools, ...(supervisor === "systemd" ? systemdTools : {}) };
    const argv = ["/bin/sh", "-c", script, "sh", ...Object.keys(packages)];
    const asked = await ctx.exec(argv, {
      env: { PATH: path, LC_ALL: "C" },
      timeoutMs: askTimeoutMs,
    });
    const lines = asked.stdout.trim().split("\n");
    if (asked.exitCode !== 0 || lines.pop() !== "end")
      return warning("cannot tell: /bin/sh failed");
    const missing = lines.flatMap((line) => /^missing (.*)$/.exec(line)?.[1] ?? []);
    const unfit = lines.flatMap((line) => /^unfit (.*)$/.exec(line)?.[1] ?? []);
    if (missing.length + unfit.length === 0)
      return ok(`all ${Object.keys(packages).length} are there`);
    const details = [
      ...(missing.length === 0 ? [] : [`not on PATH=${path}: ${missing.join(", ")}`]),
      ...unfit.map((what) => `does not work here: ${what}`),
    ];
    const wanted = [...new Set(missing.map((tool) => packages[tool] ?? tool))].toSorted();
    return problem(
      details.join("\n"),
      wanted.length === 0 ? "" : `apt-get install ${wanted.join(" ")}`,
    );
  },
};
