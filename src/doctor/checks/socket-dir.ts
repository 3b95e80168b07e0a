// The folders of our sockets: tmux's, and the runtime folder. Both must be ours alone, or others could talk to agents.
import type { Context } from "../../context.ts";
import { shellQuote } from "../../domain/shell-word.ts";
import { type Check, type CheckResult, merged, ok, problem, warning } from "../check.ts";

/** Bytes of a unix socket's path, without the NUL at its end (unix(7)). */
const longestSocketPath = 107;

export const socketDir: Check = {
  id: "socket-dir",
  title: "socket folders",
  needs: "home",
  async run(ctx, { roster }) {
    const tmux = await tmuxFolder(ctx);
    const findings = [
      ...tmux.findings,
      ...(await checkFolder(ctx, { path: tmux.folder, others: 0o007 })),
      ...checkLength(`${tmux.folder}/${roster?.socket ?? ""}`),
      ...(await checkRuntimeDir(ctx)),
      ...(await checkFolder(ctx, { path: ctx.paths.runtime, others: 0o077 })),
    ];
    return merged(findings, ok(`${tmux.folder} and ${ctx.paths.runtime}`));
  },
};

/** Where tmux makes its sockets; tried with 3.3a: where TMUX_TMPDIR is not there it takes /tmp without a word. */
async function tmuxFolder(ctx: Context): Promise<{ folder: string; findings: CheckResult[] }> {
  const wanted = ctx.env["TMUX_TMPDIR"] || "/tmp";
  const name = `tmux-${ctx.host.uid}`;
  const info = await ctx.files.stat(`${wanted}/.`);
  if (info?.kind === "directory") return { folder: `${wanted}/${name}`, findings: [] };
  const isThere = (await ctx.files.stat(wanted)) !== undefined;
  if (isThere)
    return {
      folder: `/tmp/${name}`,
      findings: [problem(`TMUX_TMPDIR=${wanted} is not a folder`, "unset TMUX_TMPDIR")],
    };
  const detail = `TMUX_TMPDIR=${wanted} is not there: tmux uses /tmp until it is, and would then lose sight of the fleet`;
  return {
    folder: `/tmp/${name}`,
    findings: [problem(detail, `mkdir -p -m 700 ${shellQuote(wanted)}`)],
  };
}

/** `others`: permission bits with which it does not work; tmux itself refuses its folder when all may enter it. */
async function checkFolder(
  ctx: Context,
  { path, others }: { path: string; others: number },
): Promise<CheckResult[]> {
  const info = await ctx.files.stat(path);
  // Made when it is needed.
  if (info === undefined) return [];
  if (info.kind !== "directory")
    return [problem(`${path} is not a folder`, `ls -ld ${shellQuote(path)}`)];
  if (info.uid !== ctx.host.uid) {
    const fix = `sudo chown ${ctx.host.uid} ${shellQuote(path)}`;
    return [problem(`${path} belongs to user ${info.uid}, not to us (user ${ctx.host.uid})`, fix)];
  }
  if ((info.mode & 0o077) === 0) return [];
  const detail = `${path} has mode ${info.mode.toString(8).padStart(4, "0")}: others can reach the sockets in it`;
  const fix = `chmod 700 ${shellQuote(path)}`;
  return [(info.mode & others) !== 0 ? problem(detail, fix) : warning(detail, fix)];
}

function checkLength(path: string): CheckResult[] {
  const lengthBytes = new TextEncoder().encode(path).length;
  if (lengthBytes <= longestSocketPath) return [];
  const detail = `the socket's path has ${lengthBytes} bytes and may have ${longestSocketPath}: ${path}`;
  return [problem(detail, "export TMUX_TMPDIR=/a/shorter/folder")];
}

/** The XDG Base Directory Specification asks: absolute, there, owned by the user, 0700. */
async function checkRuntimeDir(ctx: Context): Promise<CheckResult[]> {
  const path = ctx.env["XDG_RUNTIME_DIR"] ?? "";
  if (path === "") return [];
  if (!path.startsWith("/"))
    return [
      warning(
        `XDG_RUNTIME_DIR=${path} is not absolute, so it is not used`,
        "unset XDG_RUNTIME_DIR",
      ),
    ];
  const info = await ctx.files.stat(`${path}/.`);
  const fix = await rightRuntimeDir(ctx, path);
  if (info?.kind !== "directory") return [problem(`XDG_RUNTIME_DIR=${path} is not there`, fix)];
  if (info.uid !== ctx.host.uid) {
    // What sudo and su leave behind.
    const detail = `XDG_RUNTIME_DIR=${path} belongs to user ${info.uid}, and mosaic runs as user ${ctx.host.uid}`;
    return [problem(detail, fix)];
  }
  return checkFolder(ctx, { path, others: 0o077 });
}

async function rightRuntimeDir(ctx: Context, wrong: string): Promise<string> {
  const own = `/run/user/${ctx.host.uid}`;
  const info = await ctx.files.stat(own);
  const isOurs = own !== wrong && info?.kind === "directory" && info.uid === ctx.host.uid;
  return isOurs ? `export XDG_RUNTIME_DIR=${own}` : "unset XDG_RUNTIME_DIR";
}
