// Talks to the supervisor of a tmux socket: finds it, asks it, and waits until it is there or gone.
import type { Context, HttpRequest } from "../../context.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { outerTokens } from "../../lock/liveness.ts";
import type { AgentOutcome, SupervisedAgent } from "../supervisor.ts";
import { cleanEnv } from "../clean-env.ts";
import { type Background, becauseOf, textFrom } from "./background-log.ts";
import { type Answer, type Contact, holderFiles, parseContact, readAnswer } from "./protocol.ts";

export type Verb = "start" | "stop" | "restart";

/** Longer than the supervisor lets a question wait for news. */
const requestTimeoutMs = 60_000;

/** A question for states is answered at once, unless the supervisor hangs; a person waits for it. */
const statesTimeoutMs = 2_000;

/** With fifty agents starting on a busy machine the supervisor may take a while to get its turn. */
const patientTimeoutMs = 10_000;

/** A supervisor that neither answers nor ends within this is not coming. */
const appearTimeoutMs = 20_000;
const vanishTimeoutMs = 30_000;
const pollMs = 5;

/** Where the supervisor says that it is, which a killed one goes on saying; undefined when none ever ran here. */
export async function readContact(ctx: Context, socket: string): Promise<Contact | undefined> {
  const text = await ctx.files.readText(holderFiles(ctx.paths, socket).contact);
  return text === undefined ? undefined : parseContact(text);
}

/** One question; undefined when no supervisor runs. Throws AppError as readAnswer does; exit 75 when it hangs. */
async function ask(
  ctx: Context,
  socket: string,
  request: HttpRequest,
): Promise<Answer | undefined> {
  const contact = await readContact(ctx, socket);
  if (contact === undefined) return undefined;
  const question = { timeoutMs: requestTimeoutMs, ...request };
  const answer = await ctx.sockets.request(contact.socket, question).catch((error: unknown) => {
    throw error instanceof AppError && error.exitCode === exitCodes.busy
      ? hangs(contact, error)
      : error;
  });
  return answer === undefined ? undefined : readAnswer(answer, ctx.host.version);
}

function hangs({ pid }: Contact, cause: AppError): AppError {
  return new AppError(`the supervisor does not answer (pid ${pid})`, {
    exitCode: exitCodes.busy,
    hint: `end it, the agents live on: kill -KILL ${pid}; mosaic fleet start`,
    cause,
  });
}

/** What the supervisor knows of its agents; undefined when none runs. Throws AppError, exit 75, when it hangs. */
export async function askStates(
  ctx: Context,
  socket: string,
  { timeoutMs }: { timeoutMs: number } = { timeoutMs: statesTimeoutMs },
): Promise<SupervisedAgent[] | undefined> {
  const answer = await ask(ctx, socket, { method: "GET", path: "/states", timeoutMs });
  return answer?.agents;
}

/** Has agents started, stopped or restarted; each outcome is told as it comes. undefined when no supervisor runs. */
export async function askFor(
  ctx: Context,
  socket: string,
  work: { verb: Verb; names: readonly string[]; told: (outcome: AgentOutcome) => void },
): Promise<AgentOutcome[] | undefined> {
  const outcomes: AgentOutcome[] = [];
  let request: { path: string; body: unknown } = {
    path: `/${work.verb}`,
    body: {
      names: work.names,
      token: outerTokens(ctx).join(" ") || undefined,
      // That of the supervisor may be a year old, and was looked through for the runtimes of this start.
      searchPath: ctx.env["PATH"],
    },
  };
  for (;;) {
    const answer = await ask(ctx, socket, { method: "POST", ...request });
    if (answer === undefined) {
      if (outcomes.length === 0 && request.path !== "/outcomes") return undefined;
      throw new AppError("the supervisor ended before it was done", {
        hint: `tail ${holderFiles(ctx.paths, socket).log}`,
      });
    }
    outcomes.push(...answer.outcomes);
    answer.outcomes.forEach(work.told);
    if (answer.isDone) return outcomes;
    const { operation } = answer;
    request = { path: "/outcomes", body: { operation, seen: outcomes.length } };
  }
}

/**
 * Makes sure that a supervisor answers: puts `mosaic fleet run` into the background when none does. Of two that do so
 * at the same time one supervisor stays, and both find it. Throws AppError with its last words when it does not come.
 */
export async function ensureRunning(ctx: Context, socket: string): Promise<void> {
  const isThere = async () =>
    (await askStates(ctx, socket, { timeoutMs: patientTimeoutMs })) !== undefined;
  if (await isThere()) return;
  const background = await putIntoBackground(ctx, socket);
  const deadline = ctx.clock.now() + appearTimeoutMs;
  while (!(await isThere())) {
    // Busy: the lock is held by another one, which is about to answer.
    const { end } = background;
    if (end !== undefined && end.exitCode !== exitCodes.busy) {
      throw await becauseOf(ctx, background);
    }
    if (ctx.clock.now() > deadline) throw await becauseOf(ctx, background);
    await ctx.clock.sleep(pollMs);
  }
}

async function putIntoBackground(ctx: Context, socket: string): Promise<Background> {
  const { log } = holderFiles(ctx.paths, socket);
  const background: Background = {
    log,
    from: (await textFrom(ctx, log, 0)).length,
    end: undefined,
  };
  const child = ctx.spawn([...ctx.paths.self, "fleet", "run", "--adopt-only"], {
    env: cleanEnv(ctx.env, ctx.paths),
    // A folder that is being removed, or a disk that is to be unmounted, must not be held for months.
    cwd: "/",
    detachedLog: log,
  });
  void child.exited.then((end) => (background.end = end));
  return background;
}

/** Ends the supervisor and its tmux server, and waits until its process is gone. False when none runs. */
export async function askShutdown(ctx: Context, socket: string): Promise<boolean> {
  const answer = await ask(ctx, socket, { method: "POST", path: "/shutdown", body: {} });
  if (answer === undefined) return false;
  const deadline = ctx.clock.now() + vanishTimeoutMs;
  while (await isRunning(ctx, answer.pid)) {
    if (ctx.clock.now() > deadline) {
      throw new AppError(`the supervisor does not end (pid ${answer.pid})`, {
        hint: `kill -KILL ${answer.pid}`,
      });
    }
    await ctx.clock.sleep(pollMs);
  }
  return true;
}

async function isRunning(ctx: Context, pid: number): Promise<boolean> {
  const process = await ctx.processes.one(pid);
  return process !== undefined && process.state !== "Z";
}
