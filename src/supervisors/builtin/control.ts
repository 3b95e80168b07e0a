// What `mosaic fleet run` answers on its control socket (protocol.ts). Every start goes by the roster as it is now, not
// as it was when the supervisor began.
import type { Context, HttpRequest } from "../../context.ts";
import type { Agent } from "../../domain/roster.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { loadRoster, pickAgents } from "../../fleet/load-roster.ts";
import { renderLaunchFiles } from "../../fleet/render.ts";
import type { AgentOutcome } from "../supervisor.ts";
import type { Agents } from "./managed.ts";
import { createOperations } from "./operations.ts";
import { prepareAgents } from "./prepare.ts";
import { type Holder, protocol } from "./protocol.ts";

export interface ControlOptions {
  agents: Agents;
  /** Ends the supervisor once the answer is out. */
  shutDown(): void;
}

type Reply = { status: number; body: unknown };

/** The handler for Context.sockets.serve. */
export function controlHandler(
  ctx: Context,
  control: ControlOptions,
): (request: HttpRequest) => Promise<Reply> {
  const { agents } = control;
  const operations = createOperations(ctx);
  const holder: Holder = { protocol, version: ctx.host.version, pid: ctx.host.pid };

  const begin = async <Item>(
    items: readonly Item[],
    work: (item: Item) => Promise<AgentOutcome>,
  ): Promise<object | undefined> => operations.news(operations.begin(items, work), 0);

  const act = async ({ method, path, body }: HttpRequest): Promise<object | undefined> => {
    switch (`${method} ${path}`) {
      case "GET /states":
        return { agents: agents.states() };
      case "POST /start":
        return await begin(await currentAgents(ctx, namesOf(body)), (agent) =>
          agents.start(agent, { isFresh: true, ...askedIn(body) }),
        );
      case "POST /restart":
        return await begin(await currentAgents(ctx, namesOf(body)), (agent) =>
          agents.restart(agent, askedIn(body)),
        );
      case "POST /stop":
        return await begin(namesOf(body), (name) => agents.stop(name));
      case "POST /outcomes":
        return await operations.news(textOf(body, "operation"), Number(textOf(body, "seen")));
      case "POST /shutdown":
        control.shutDown();
        return {};
      default:
        return undefined;
    }
  };

  return async (request) => {
    try {
      const body = await act(request);
      if (body !== undefined) return { status: 200, body: { ...holder, ...body } };
      const error = `the supervisor knows no ${request.method} ${request.path}`;
      return { status: 404, body: { ...holder, error, exitCode: exitCodes.failed, hint: "" } };
    } catch (error) {
      const { message, exitCode, hint } =
        error instanceof AppError
          ? error
          : new AppError(`a bug in the supervisor: ${String(error)}`, { exitCode: exitCodes.bug });
      return { status: 500, body: { ...holder, error: message, exitCode, hint: hint ?? "" } };
    }
  };
}

/** The agents of these names as the roster has them now, their launch files written. */
async function currentAgents(ctx: Context, names: readonly string[]): Promise<Agent[]> {
  if (names.length === 0) return [];
  const roster = await loadRoster(ctx);
  const chosen = pickAgents(roster, names);
  await renderLaunchFiles(ctx, { roster, agents: chosen });
  await prepareAgents(ctx, chosen);
  return chosen;
}

function namesOf(body: unknown): string[] {
  const names = fieldOf(body, "names");
  if (Array.isArray(names)) return names.map(String);
  throw new AppError("the supervisor was asked without names", { exitCode: exitCodes.bug });
}

/** The restart lock that the asker runs under, and where the asker finds programs. */
function askedIn(body: unknown): { token: string | undefined; searchPath: string | undefined } {
  const text = (name: string): string | undefined => {
    const value = fieldOf(body, name);
    return typeof value === "string" ? value : undefined;
  };
  return { token: text("token"), searchPath: text("searchPath") };
}

function textOf(body: unknown, field: string): string {
  return String(fieldOf(body, field));
}

function fieldOf(body: unknown, field: string): unknown {
  return new Map(Object.entries(body ?? {})).get(field);
}
