// What `mosaic fleet run` and the commands beside it say to each other: JSON over HTTP on a unix socket. Types, the
// places of the files, and how an answer is read. Pure.
import type { Paths } from "../../context.ts";
import { AppError, exitCodes } from "../../errors.ts";
import type { AgentOutcome, SupervisedAgent } from "../supervisor.ts";

/** Raised when an older program would misread an answer, or be misread. */
export const protocol = 2;

/** The longest path of a unix socket on Linux, in bytes, without its final NUL (unix(7)). */
export const maxSocketPathBytes = 107;

/** In every answer. */
export interface Holder {
  protocol: number;
  version: string;
  pid: number;
}

/** The answers, each with what its question is for; POST /shutdown has the Holder's fields alone. */
export interface Answer extends Holder {
  /** GET /states. */
  agents: SupervisedAgent[];
  /** POST /start, /stop and /restart {names, token?}: ask POST /outcomes {operation, seen} for the rest. */
  operation: string;
  /** Of all these: the outcomes after the first `seen` ones. */
  outcomes: AgentOutcome[];
  isDone: boolean;
}

/** Any answer with a status other than 200. */
export interface RefusedAnswer extends Holder {
  error: string;
  exitCode: number;
  hint: string;
}

/** The files of the supervisor of one tmux socket. */
export interface HolderFiles {
  /** Held as long as a supervisor lives. Below the state folder, as the scripts' own locks are: a login shell and a
   * cron job have another XDG_RUNTIME_DIR and must still exclude each other. */
  lock: string;
  /** Where the supervisor can be reached: a Contact as JSON. Beside the lock for the same reason. */
  contact: string;
  /** Agents that the last supervisor was about to start when it left (waiting.ts). */
  waiting: string;
  /** Made by the supervisor below its runtime folder; read its path from the contact. */
  socket: string;
  /** Output of a supervisor in the background. */
  log: string;
}

/** Where those files are; the one place that builds their names. */
export function holderFiles(paths: Pick<Paths, "state" | "runtime">, socket: string): HolderFiles {
  return {
    lock: `${paths.state}/fleet-${socket}.lock`,
    contact: `${paths.state}/fleet-${socket}.json`,
    waiting: `${paths.state}/fleet-${socket}.waiting`,
    socket: `${paths.runtime}/fleet-${socket}.sock`,
    log: `${paths.state}/log/fleet-run.log`,
  };
}

/** How to reach a supervisor. */
export interface Contact {
  pid: number;
  version: string;
  /** Absolute path of its control socket. */
  socket: string;
}

/** undefined for a text that is none: written by hand, or by a version that nobody can know. */
export function parseContact(text: string): Contact | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const fields = new Map<string, unknown>(Object.entries(value ?? {}));
    const [pid, version, socket] = ["pid", "version", "socket"].map((name) => fields.get(name));
    const isWhole =
      typeof pid === "number" && typeof version === "string" && typeof socket === "string";
    return isWhole ? { pid, version, socket } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The body of an answer. Throws AppError: exit 3 when a supervisor of another version answers whom we can't
 * understand; what the supervisor refused with otherwise.
 */
export function readAnswer(
  { status, body }: { status: number; body: unknown },
  ourVersion: string,
): Answer {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own program speaks, `protocol` says which one
  const holder = (body ?? {}) as Partial<RefusedAnswer & Answer>;
  if (holder.protocol !== protocol) {
    const theirs = holder.version ?? "of another version";
    const pid = holder.pid ?? "PID";
    throw new AppError(`the running supervisor is mosaic ${theirs}, this is mosaic ${ourVersion}`, {
      exitCode: exitCodes.notRunning,
      hint: `replace it, the agents live on: kill -HUP ${pid}; mosaic fleet start`,
    });
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  if (status === 200) return holder as Answer;
  const { error, exitCode, hint, version } = holder;
  const from = version === ourVersion ? "" : ` (the running supervisor is mosaic ${version})`;
  throw new AppError(`${error ?? `the supervisor answered ${status}`}${from}`, {
    exitCode: exitCode ?? exitCodes.failed,
    ...(hint === undefined || hint === "" ? {} : { hint }),
  });
}
