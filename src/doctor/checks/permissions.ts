// Who may read and change our folders: 0700 and ours, writable by us, and no secret that others can read.
import type { Context } from "../../context.ts";
import { shellQuote } from "../../domain/shell-word.ts";
import { AppError, ProcessError } from "../../errors.ts";
import {
  type Check,
  type CheckResult,
  mendedBy,
  merged,
  ok,
  problem,
  type Repair,
  warning,
} from "../check.ts";
import type { DoctorFacts } from "../facts.ts";
import { unwritableFolders } from "../writable.ts";

export const permissions: Check = {
  id: "permissions",
  title: "permissions",
  needs: "home",
  async run(ctx, facts) {
    const { config, state } = ctx.paths;
    const findings = [
      await checkFolder(ctx, config),
      await checkFolder(ctx, state),
      await checkWritable(ctx, [config, state]),
      await checkSecrets(ctx, facts),
    ];
    return merged(findings.flat(), ok(await whatIsThere(ctx)));
  },
};

async function whatIsThere(ctx: Context): Promise<string> {
  const words = [ctx.paths.config, ctx.paths.state].map(async (path) => {
    const isThere = (await ctx.files.stat(path)) !== undefined;
    return `${path} is ${isThere ? "ours alone" : "not there yet"}`;
  });
  return (await Promise.all(words)).join(", ");
}

async function checkFolder(ctx: Context, path: string): Promise<CheckResult[]> {
  const link = await ctx.files.stat(path);
  if (link === undefined) return [];
  const info = await ctx.files.stat(`${path}/.`);
  if (info?.kind !== "directory")
    return [problem(`${path} is not a folder`, `ls -ld ${shellQuote(path)}`)];
  if (info.uid !== ctx.host.uid) {
    const fix = `sudo chown -R ${ctx.host.uid} ${shellQuote(path)}`;
    return [problem(`${path} belongs to user ${info.uid}, not to us (user ${ctx.host.uid})`, fix)];
  }
  const fix = `chmod 700 ${shellQuote(path)}`;
  const shown = info.mode.toString(8).padStart(4, "0");
  const found = (finding: CheckResult) => [mendedBy(finding, chmod(ctx, "700", path))];
  // Whoever can write there can have us run a program.
  if ((info.mode & 0o022) !== 0)
    return found(problem(`${path} has mode ${shown}: others can change what is in it`, fix));
  if ((info.mode & 0o055) !== 0)
    return found(warning(`${path} has mode ${shown}: others can look into it`, fix));
  if ((info.mode & 0o700) !== 0o700)
    return found(problem(`${path} has mode ${shown}: it is closed to ourselves`, fix));
  return [];
}

async function checkWritable(ctx: Context, paths: readonly string[]): Promise<CheckResult[]> {
  try {
    return (await unwritableFolders(ctx, paths)).map((folder) =>
      problem(
        `${folder} is not writable for us`,
        `ls -ld ${shellQuote(folder)}; findmnt -T ${shellQuote(folder)}`,
      ),
    );
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [warning(error.message)];
  }
}

/** Env files beside the roster that no agent names; those of the agents are looked at with the agents. */
async function checkSecrets(ctx: Context, { roster }: DoctorFacts): Promise<CheckResult[]> {
  const folder = `${ctx.paths.config}/fleet`;
  if ((await ctx.files.stat(`${folder}/.`))?.kind !== "directory") return [];
  const named = new Set(roster?.agents.map((agent) => agent.envFile));
  const files = (await ctx.files.list(folder))
    .filter((name) => name.endsWith(".env"))
    .map((name) => `${folder}/${name}`)
    .filter((path) => !named.has(path));
  const findings: CheckResult[] = [];
  for (const path of files) {
    const info = await ctx.files.stat(path);
    if (info?.kind !== "file" || (info.mode & 0o077) === 0) continue;
    const shown = info.mode.toString(8).padStart(4, "0");
    const detail = `${path} has mode ${shown}: others can read or change the secrets in it`;
    const finding = problem(detail, `chmod 600 ${shellQuote(path)}`);
    const isOurs = info.uid === ctx.host.uid;
    findings.push(isOurs ? mendedBy(finding, chmod(ctx, "600", path)) : finding);
  }
  return findings;
}

function chmod(ctx: Context, mode: string, path: string): Repair {
  return {
    what: `chmod ${mode} ${shellQuote(path)}`,
    async run() {
      const argv = ["chmod", mode, "--", path];
      const result = await ctx.exec(argv);
      if (result.exitCode !== 0) throw new ProcessError({ argv, ...result });
    },
  };
}
