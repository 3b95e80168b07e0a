// `mosaic agent send` and `mosaic agent ask`: a message on its way, and what became of it.
import type { Context, Database } from "../context.ts";
import { hasReached, type Waitable } from "../domain/receipt.ts";
import type { Agent, Roster } from "../domain/roster.ts";
import { runtimes } from "../domain/runtimes.ts";
import { AppError, exitCodes, formatError, usageError } from "../errors.ts";
import { ensureFramework } from "../fleet/framework.ts";
import { loadRoster, pickAgents } from "../fleet/load-roster.ts";
import { openStore } from "../store/store.ts";
import { leaveDelivery } from "./background.ts";
import { outlookOf } from "./comes-back.ts";
import { enqueue, maxKeyLength } from "./enqueue.ts";
import { faultOf } from "./outcome.ts";
import { trackedJson } from "./report.ts";
import { ownAgent, readLabel, readText } from "./text.ts";
import { track, type Tracked } from "./track.ts";

export interface SendOptions {
  /** Names, each once; `all`: the whole roster. */
  to: readonly string[] | "all";
  message: string | undefined;
  file: string | undefined;
  label: string | undefined;
  /** The same one never types twice to the same agent. */
  key: string | undefined;
  /** Does not wait until the agent is idle: the runtime's own queue takes it. */
  isNow: boolean;
  wait: Waitable | undefined;
  /** How long to wait for that. */
  timeoutMs: number;
  /** How long it may wait to be typed. */
  ttlMs: number;
  json: boolean;
}

/** Prints what became of each message; the exit code of the first that is not as far as was asked. */
export async function sendCommand(ctx: Context, options: SendOptions): Promise<number> {
  const { tracked, store, roster } = await sendAll(ctx, options, "mosaic agent send");
  using _ = store;
  let exitCode: number = exitCodes.ok;
  for (const [agent, end] of tracked) {
    const fault = "fault" in end ? end.fault : faultOf(end, options.wait);
    await bringLater(ctx, { roster, agent: agent.name }, fault);
    if (!("fault" in end)) print(ctx, end, options);
    if (fault !== undefined) ctx.io.err(formatError(fault));
    if (exitCode === exitCodes.ok && fault !== undefined) ({ exitCode } = fault);
  }
  return exitCode;
}

/** Whoever goes away leaves what waits to a process in the background. */
async function bringLater(
  ctx: Context,
  { roster, agent }: { roster: Roster; agent: string },
  fault: AppError | undefined,
): Promise<void> {
  const goesOn: unknown[] = [exitCodes.queued, exitCodes.interrupted];
  const { supervisor } = roster;
  if (goesOn.includes(fault?.exitCode)) await leaveDelivery(ctx, { agent, supervisor });
}

export type AskOptions = Pick<SendOptions, "message" | "file" | "label" | "timeoutMs" | "json"> & {
  agent: string;
};

/** Prints the agent's answer and nothing else on standard output. Throws AppError as send fails, exit 5 at the timeout. */
export async function askCommand(ctx: Context, options: AskOptions): Promise<number> {
  const { agent: name, timeoutMs } = options;
  const more = { to: [name], key: undefined, isNow: false, ttlMs: timeoutMs };
  const asking: SendOptions = { ...options, ...more, wait: "answered" };
  const sent = await sendAll(ctx, asking, "mosaic agent ask");
  using _ = sent.store;
  const end = sent.tracked[0]?.[1];
  if (end === undefined) throw new Error("one agent was asked, and none answered");
  const fault = "fault" in end ? end.fault : faultOf(end, "answered");
  if (fault !== undefined) {
    await bringLater(ctx, { roster: sent.roster, agent: name }, fault);
    throw fault;
  }
  if ("fault" in end) throw end.fault;
  const { message } = end;
  ctx.io.out(options.json ? `${JSON.stringify(trackedJson(end))}\n` : `${message.answer ?? ""}\n`);
  return exitCodes.ok;
}

type End = Tracked | { fault: AppError };

async function sendAll(
  ctx: Context,
  options: SendOptions,
  command: string,
): Promise<{ tracked: [Agent, End][]; store: Database; roster: Roster }> {
  const example = options.to === "all" ? "--all" : options.to.join(",");
  const isAsk = options.wait === "answered" && command.endsWith("ask");
  const help = `${command} ${example} ${isAsk ? "" : "--message "}"status check"`;
  const text = await readText(ctx, { ...options, help });
  const label = readLabel(ctx, options.label, `${help} --source-label ops:night`);
  if ((options.key ?? "x").trim() === "" || (options.key ?? "").length > maxKeyLength) {
    throw usageError(`--key takes 1 to ${maxKeyLength} characters`, help);
  }
  const roster = await loadRoster(ctx);
  const agents = pickAgents(roster, options.to === "all" ? [] : options.to);
  checkCanTell(agents, { wait: options.wait, isAsk });
  await ensureFramework(ctx);
  const store = await openStore(ctx);
  try {
    const ends = agents.map(async (agent): Promise<[Agent, End]> => {
      const end = sendOne(ctx, store, { ...options, roster, agent, text, label });
      return [agent, await end.catch(faultsOnly)];
    });
    return { tracked: await Promise.all(ends), store, roster };
  } catch (error) {
    store[Symbol.dispose]();
    throw error;
  }
}

function faultsOnly(error: unknown): { fault: AppError } {
  if (error instanceof AppError) return { fault: error };
  throw error;
}

/** Whoever cannot report is not waited for. */
function checkCanTell(
  agents: readonly Agent[],
  { wait, isAsk }: { wait: Waitable | undefined; isAsk: boolean },
): void {
  if (wait === undefined || wait === "submitted") return;
  const mute = agents.find(({ runtime }) => !runtimes[runtime].reports);
  if (mute === undefined) return;
  const { title } = runtimes[mute.runtime];
  throw usageError(
    `${mute.name} cannot tell that it has ${wait} a message: ${title} does not report to mosaic`,
    isAsk ? `mosaic agent send ${mute.name} --message "status check"` : "--wait submitted",
  );
}

interface Sending extends SendOptions {
  roster: Roster;
  agent: Agent;
  text: string;
}

async function sendOne(ctx: Context, store: Database, sending: Sending): Promise<Tracked> {
  const { roster, agent, text, label = "", key, isNow, ttlMs, wait, timeoutMs } = sending;
  const { message, isNew } = enqueue(ctx, store, {
    agent: agent.name,
    label,
    body: text,
    key,
    sender: ownAgent(ctx),
    isNow,
    ttlMs,
  });
  const { id } = message;
  if (!isNew && message.status !== "queued") {
    ctx.io.err(`mosaic: the key ${key} was sent to ${agent.name} before: message ${id}\n`);
  }
  try {
    const queue = { socket: roster.socket, agent, outlook: () => outlookOf(ctx, sending) };
    return await track(ctx, store, { ...queue, id, wait, timeoutMs });
  } catch (error) {
    if (!(error instanceof AppError) || error.exitCode !== exitCodes.busy) throw error;
    // Sent again it would come twice.
    throw new AppError(`message ${id} waits for ${agent.name}: ${error.message}`, {
      exitCode: exitCodes.queued,
      hint: `mosaic agent messages --id ${id}`,
      cause: error,
    });
  }
}

function print(ctx: Context, end: Tracked, options: SendOptions): void {
  if (options.json) {
    ctx.io.out(`${JSON.stringify(trackedJson(end))}\n`);
    return;
  }
  const { agent, id, status, answer, createdAt } = end.message;
  const tookMs = end.last.at - createdAt;
  if (hasReached(status, "submitted")) {
    ctx.io.out(`${agent}: ${status} ${id} in ${tookMs} ms\n`);
  }
  if (options.wait === "answered" && answer !== undefined) ctx.io.out(`${answer}\n`);
}
