// Which process serves this home, for the commands beside it. Written by the gateway once it listens; true only while the
// gateway's lock is held.
import * as v from "valibot";
import type { Context } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import { contactFile, lockFile } from "./files.ts";

const contactSchema = v.object({
  schemaVersion: v.literal(1),
  pid: v.number(),
  instance: v.string(),
  /** As a command reaches it. */
  url: v.string(),
  tier: v.picklist(["local", "team"]),
  version: v.string(),
  startedAt: v.number(),
});

export type Contact = v.InferOutput<typeof contactSchema>;

export async function writeContact(ctx: Context, contact: Contact): Promise<void> {
  await ctx.files.write(contactFile(ctx.paths), `${JSON.stringify(contact, null, 2)}\n`, 0o600);
}

/** The gateway that runs; undefined when none does, whatever the file says. */
export async function readContact(ctx: Context): Promise<Contact | undefined> {
  const text = await ctx.files.readText(contactFile(ctx.paths));
  if (text === undefined || !(await isRunning(ctx))) return undefined;
  try {
    const parsed = v.safeParse(contactSchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    // Half a file of a former version: whoever runs will write its own.
    return undefined;
  }
}

/** Whether a gateway of this home runs: it holds the lock as long as it lives. */
export async function isRunning(ctx: Context): Promise<boolean> {
  if ((await ctx.files.stat(lockFile(ctx.paths))) === undefined) return false;
  using lock = await ctx.files.tryLock(lockFile(ctx.paths));
  return lock === undefined;
}

/** Keeps a gateway of this home from beginning, until it is disposed of. Throws AppError, exit 4, when one runs. */
export async function lockedOut(ctx: Context): Promise<Disposable> {
  const lock = await ctx.files.tryLock(lockFile(ctx.paths));
  if (lock === undefined) throw runs();
  return lock;
}

/** Throws AppError, exit 4, when one runs at this moment. */
export async function mustNotRun(ctx: Context): Promise<void> {
  if (await isRunning(ctx)) throw runs();
}

function runs(): AppError {
  return new AppError("the gateway runs", {
    exitCode: exitCodes.refused,
    hint: "mosaic gateway stop",
  });
}

export interface Readiness {
  /** What /readyz says; undefined when nobody answers, or another program does. */
  status: "ready" | "degraded" | "unready" | undefined;
  checks: Readonly<Record<string, string>>;
}

const readinessSchema = v.object({
  status: v.picklist(["ready", "degraded", "unready"]),
  instance: v.string(),
  checks: v.record(v.string(), v.string()),
});

/** Asks the gateway itself. Sends no credential: another program may listen there. */
export async function askReadiness(
  ctx: Context,
  { url, instance }: Pick<Contact, "url" | "instance">,
): Promise<Readiness> {
  const nothing: Readiness = { status: undefined, checks: {} };
  const answer = await ctx.httpGet(`${url}/readyz`, { timeoutMs: 2_000 });
  if (answer === undefined) return nothing;
  try {
    const parsed = v.safeParse(readinessSchema, JSON.parse(answer.body));
    return parsed.success && parsed.output.instance === instance ? parsed.output : nothing;
  } catch {
    return nothing;
  }
}
