// Runs a new executable before anything leads to it: it has to start, to be the version that it should be, and to
// understand this site's roster and state, of which it gets a copy.
import { array, type InferOutput, object, parse, string } from "valibot";
import type { Context } from "../context.ts";
import { rosterFile, stateDatabase } from "../domain/names.ts";
import { settings } from "../domain/settings.ts";
import { AppError } from "../errors.ts";
import { dataFolder, gatewayDatabase } from "../gateway/files.ts";
import { gatewaySchema } from "../gateway/schema-version.ts";
import { gatewaySettings } from "../gateway/settings.ts";

/** A start takes milliseconds; a candidate that hangs must not hang the update. */
const versionTimeoutMs = 10_000;
const doctorTimeoutMs = 60_000;

/** Checks of doctor that read what the copy holds. The others are about this host, which no version changes. */
const checksOfData = ["roster", "store", "gateway-store", "settings"];

export interface SmokeOptions {
  version: string;
  /** Absolute paths: the executable to try, and the one in use. */
  candidate: string;
  current: string;
  /** An empty folder for the copy. */
  work: string;
  /** Ids of checks whose problem is told, and no reason to leave it. */
  tolerated?: readonly string[];
}

/** Throws AppError (exit 1) with what the candidate said of a problem that the version in use does not have. */
export async function smokeRun(ctx: Context, options: SmokeOptions): Promise<void> {
  const { version, candidate, current, work, tolerated = [] } = options;
  const said = await ctx.exec([candidate, "--version"], { timeoutMs: versionTimeoutMs });
  if (said.timedOut) throw unfit(version, `it does not answer within ${versionTimeoutMs / 1000} s`);
  if (said.exitCode !== 0 || !said.stdout.startsWith(`mosaic ${version} `)) {
    const words = `${said.stdout}${said.stderr}`.trim().split("\n").slice(-3).join("; ");
    throw unfit(version, `--version ends with ${said.signal ?? said.exitCode}: ${words}`);
  }
  const env = await copyOfState(ctx, work);
  const theirs = await problemsOf(ctx, { executable: candidate, env });
  if (theirs === undefined) throw unfit(version, "its doctor does not work");
  if (theirs.length === 0) return;
  const ours = (await problemsOf(ctx, { executable: current, env })) ?? [];
  // A person knows nothing of the copy.
  const named = (detail: string) =>
    detail
      .replaceAll(`${work}/home/state`, ctx.paths.state)
      .replaceAll(`${work}/home`, ctx.paths.config);
  const fresh = theirs
    .filter(({ id }) => !ours.some((problem) => problem.id === id))
    .map((found) => ({ ...found, detail: named(found.detail) }));
  for (const { id, detail } of fresh.filter((found) => tolerated.includes(found.id))) {
    ctx.io.err(
      `mosaic ${version} starts, and refuses this until it is updated: ${id}: ${detail}\n`,
    );
  }
  const fatal = fresh.filter(({ id }) => !tolerated.includes(id));
  if (fatal.length === 0) return;
  const why = fatal.map(({ id, detail }) => `${id}: ${detail}`).join("; ");
  const isOfGateway = fatal.every(({ id }) => id === "gateway-store");
  throw unfit(version, why, isOfGateway ? ["without the gateway: mosaic gateway stop"] : []);
}

function unfit(version: string, why: string, hints: readonly string[] = []): AppError {
  return new AppError(`mosaic ${version} does not work here: ${why}`, {
    hint: ["nothing was changed; the version in use goes on", ...hints].join("\n"),
  });
}

/** The environment in which mosaic finds the copy: the roster, the configuration and the messages, no secret. */
async function copyOfState(ctx: Context, work: string): Promise<Record<string, string>> {
  const home = `${work}/home`;
  for (const file of [rosterFile(ctx.paths), `${ctx.paths.config}/config.yaml`]) {
    const bytes = await ctx.files.readBytes(file);
    if (bytes === undefined) continue;
    await ctx.files.write(file.replace(ctx.paths.config, home), bytes, 0o600);
  }
  await ctx.files.makeDir(`${home}/state`, 0o700);
  using store = await ctx.openDatabase(stateDatabase(ctx.paths), { create: false });
  store?.run("VACUUM INTO ?", stateDatabase({ state: `${home}/state` }));
  await copyGatewaySchema(ctx, home);
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(ctx.env)) if (value !== undefined) env[name] = value;
  // The copy is a file, whatever the store is.
  const tier = { [settings["gateway.storageTier"].variable]: "local" };
  return { ...env, ...tier, MOSAIC_HOME: home, MOSAIC_STATE: `${home}/state` };
}

/** Of the gateway's store its schema alone: passwords and tokens are in it, and it may be large, or another machine's. */
async function copyGatewaySchema(ctx: Context, home: string): Promise<void> {
  const version = await schemaIfAny(ctx);
  if (version === undefined) return;
  const paths = { ...ctx.paths, config: home, state: `${home}/state` };
  await ctx.files.makeDir(dataFolder(paths), 0o700);
  using copy = await ctx.openDatabase(gatewayDatabase(paths), { create: true });
  copy?.script("CREATE TABLE schema_versions (version INTEGER PRIMARY KEY, applied_at TEXT)");
  copy?.run("INSERT INTO schema_versions (version, applied_at) VALUES (?, '')", version);
}

async function schemaIfAny(ctx: Context): Promise<number | undefined> {
  try {
    return await gatewaySchema(ctx, await gatewaySettings(ctx));
  } catch (error) {
    // A configuration with faults, or a database that is away: nothing can be said of it, and doctor says that.
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

const answerSchema = object({
  checks: array(object({ id: string(), status: string(), detail: string() })),
});

type Problem = InferOutput<typeof answerSchema>["checks"][number];

/** What doctor finds wrong with the data; undefined when it does not answer as doctor does. */
async function problemsOf(
  ctx: Context,
  { executable, env }: { executable: string; env: Record<string, string> },
): Promise<Problem[] | undefined> {
  const argv = [executable, "doctor", "--json"];
  const { stdout, exitCode } = await ctx.exec(argv, { env, timeoutMs: doctorTimeoutMs });
  // 3: it found something, which may well be the host's fault.
  if (exitCode !== 0 && exitCode !== 3) return undefined;
  try {
    const { checks } = parse(answerSchema, JSON.parse(stdout));
    return checks.filter(({ id, status }) => status === "problem" && checksOfData.includes(id));
  } catch {
    // Not what doctor prints: the caller says so.
    return undefined;
  }
}
