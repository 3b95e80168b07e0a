// What can be known to be wrong with one agent before it is started: its folder, its secrets, its program.
import type { Context } from "../context.ts";
import { parseEnvFile } from "../domain/env-file.ts";
import type { Agent } from "../domain/roster.ts";
import { runtimes } from "../domain/runtimes.ts";
import { shellWord } from "../domain/shell-word.ts";
import { AppError } from "../errors.ts";

/** Something that keeps an agent from starting. `hint` is a command or a path that helps; empty when there is none. */
export interface AgentFault {
  message: string;
  hint: string;
}

export interface CheckAgentOptions {
  /** PATH as the agent's unit will see it, folders separated by colons. */
  searchPath: string;
}

/** Every fault of one agent; an empty list means that it can be started. Throws nothing that a user can act on. */
export async function checkAgent(
  ctx: Context,
  agent: Agent,
  { searchPath }: CheckAgentOptions,
): Promise<AgentFault[]> {
  const secrets = await told(() => checkEnvFile(ctx, agent));
  const path = secrets.env?.["PATH"] ?? agent.env["PATH"] ?? searchPath;
  const workdir = await told(() => checkWorkdir(ctx, agent));
  const program = await told(() => checkProgram(ctx, { agent, path }));
  return [...workdir.faults, ...secrets.faults, ...program.faults];
}

interface Findings {
  faults: AgentFault[];
  env?: Record<string, string>;
}

/** A file that cannot be looked at is a fault of the agent like any other. */
async function told(check: () => Promise<Findings>): Promise<Findings> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { faults: [{ message: error.message, hint: error.hint ?? "" }] };
  }
}

async function checkWorkdir(ctx: Context, { workdir }: Agent): Promise<Findings> {
  // With the dot behind it a link is followed: a linked folder is as good as any.
  const info = await ctx.files.stat(`${workdir}/.`);
  if (info?.kind === "directory") return { faults: [] };
  const isThere = (await ctx.files.stat(workdir)) !== undefined;
  const message = isThere
    ? `workdir ${workdir} is not a folder`
    : `workdir ${workdir} does not exist`;
  return { faults: [{ message, hint: isThere ? "" : `mkdir -p ${shellWord(workdir)}` }] };
}

async function checkEnvFile(ctx: Context, { envFile }: Agent): Promise<Findings> {
  if (envFile === undefined) return { faults: [] };
  const info = await ctx.files.stat(envFile);
  if (info === undefined) {
    const hint = `install -m 600 /dev/null ${shellWord(envFile)}`;
    return { faults: [{ message: `envFile ${envFile} does not exist`, hint }] };
  }
  // The mode of a link says nothing about who can read the secrets behind it.
  if (info.kind === "symlink") {
    return {
      faults: [
        { message: `envFile ${envFile} is a symlink`, hint: "name the file itself in the roster" },
      ],
    };
  }
  if (info.kind !== "file")
    return { faults: [{ message: `envFile ${envFile} is not a file`, hint: "" }] };
  const modeFaults = checkMode(envFile, info.mode);
  const parsed = parseEnvFile((await ctx.files.readText(envFile)) ?? "");
  if ("env" in parsed) return { faults: modeFaults, env: parsed.env };
  const lineFaults = parsed.faults.map(({ line, message }) => ({
    message: `${envFile}:${line}: ${message}`,
    hint: "",
  }));
  return { faults: [...modeFaults, ...lineFaults] };
}

function checkMode(envFile: string, mode: number): AgentFault[] {
  if ((mode & 0o077) === 0) return [];
  const shown = (mode & 0o777).toString(8).padStart(4, "0");
  return [
    {
      message: `envFile ${envFile} has mode ${shown}: others on this host can read or change the secrets in it`,
      hint: `chmod 600 ${shellWord(envFile)}`,
    },
  ];
}

async function checkProgram(
  ctx: Context,
  { agent, path: searchPath }: { agent: Agent; path: string },
): Promise<Findings> {
  const { program, installHint, title } = runtimes[agent.runtime];
  // This executable itself: we are running.
  if (program.kind === "self") return { faults: [] };
  const binary = program.kind === "path" ? program.binary : (agent.args[0] ?? "");
  for (const candidate of candidates(binary, { workdir: agent.workdir, searchPath })) {
    if (await ctx.files.isExecutable(candidate)) return { faults: [] };
  }
  const where = binary.includes("/") ? "not an executable file" : `not on PATH (${searchPath})`;
  const message =
    program.kind === "path"
      ? `${title} is not installed: ${binary} is ${where}`
      : `cannot run ${binary}: ${where}`;
  return { faults: [{ message, hint: installHint }] };
}

/** Where a shell that changed into the workdir looks for a program. */
function candidates(
  binary: string,
  { workdir, searchPath }: { workdir: string; searchPath: string },
): string[] {
  if (binary.startsWith("/")) return [binary];
  if (binary.includes("/")) return [`${workdir}/${binary}`];
  const folders = searchPath.split(":").map((folder) => (folder === "" ? "." : folder));
  return folders.map((folder) =>
    folder.startsWith("/") ? `${folder}/${binary}` : `${workdir}/${folder}/${binary}`,
  );
}
