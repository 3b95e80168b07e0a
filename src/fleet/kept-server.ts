// Whether a tmux server must outlive the fleet, because somebody else needs it.
import type { Context } from "../context.ts";
import { foreignSessions, type Sessions } from "../domain/sessions.ts";
import { listPanes } from "./observe.ts";

/** True, and says why, when the server on the socket is not ours or holds sessions that a person made; one exec. */
export async function isServerKept(ctx: Context, socket: string): Promise<boolean> {
  const reason = whyKept(socket, await listPanes(ctx, socket));
  if (reason !== "") ctx.io.err(`${reason}\n`);
  return reason !== "";
}

/** Empty when nobody but us needs it. */
export function whyKept(socket: string, sessions: Sessions): string {
  if (sessions.owner === "foreign") {
    return `left the tmux server on socket ${socket} alone: it is not ours`;
  }
  const foreign = foreignSessions(sessions);
  if (foreign.length === 0) return "";
  return `kept the tmux server: it holds sessions that are not ours: ${foreign.join(", ")}`;
}
