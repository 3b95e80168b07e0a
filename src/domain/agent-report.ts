// What agents report of themselves, through `mosaic hook run`. Pure. Our own extensions speak it as it stands; the hooks
// of Claude Code and Codex, which have one schema, are translated (hook-events.ts).

/** `session` is the runtime's own id of the conversation, empty when it tells none. */
export type AgentReport = { session: string } & (
  | { kind: "session-started" }
  /**
   * A prompt reached the agent, from whomever. `isQueued`: when it worked already, the runtime may have queued it for a
   * turn of its own, or may add it to the running one (Claude Code does either, and tells not which). `turn` is the
   * runtime's id of the running turn, where it tells one: of all prompts that it adds to this turn, and of its end.
   */
  | { kind: "prompt-accepted"; text: string; isQueued?: true; turn?: string }
  /** It does something: also what ends a wait. */
  | { kind: "working" }
  /** For a person, who has to answer a question in the pane. */
  | { kind: "waiting"; question: string }
  /** `isContinued`: a hook of a site's own had it go on after it had reported this turn's end already. */
  | { kind: "turn-ended"; answer: string; turn?: string; isContinued?: true }
  /** The model or the connection failed. */
  | { kind: "turn-failed"; reason: string; turn?: string }
  | { kind: "session-ended" }
);

/** What an agent does, by its own word. */
export type Activity = "idle" | "working" | "waiting";

const activities: Readonly<Record<AgentReport["kind"], Activity | undefined>> = {
  "session-started": "idle",
  "prompt-accepted": "working",
  working: "working",
  waiting: "waiting",
  "turn-ended": "idle",
  "turn-failed": "idle",
  "session-ended": undefined,
};

/** The activity that a report tells of; undefined for the end of a session, after which nothing is known. */
export function activityOf({ kind }: AgentReport): Activity | undefined {
  return activities[kind];
}

/** An answer or a question of any length is kept up to this. */
export const maxTextLength = 200_000;

/** From what an extension of ours sent; undefined for a kind or a shape that we do not know. */
export function parseReport(kind: string, payload: unknown): AgentReport | undefined {
  const fields = new Map<string, unknown>(Object.entries(payload ?? {}));
  const whole = (name: string): string => {
    const value = fields.get(name);
    return typeof value === "string" ? value : "";
  };
  const text = (name: string): string => whole(name).slice(0, maxTextLength);
  const session = text("session");
  const turn = text("turn");
  switch (kind) {
    case "session-started":
    case "working":
    case "session-ended":
      return { kind, session };
    case "prompt-accepted":
      return { kind, session, text: whole("text"), turn };
    case "waiting":
      return { kind, session, question: text("question") };
    case "turn-ended":
      return { kind, session, answer: text("answer"), turn };
    case "turn-failed":
      return { kind, session, reason: text("reason"), turn };
    default:
      return undefined;
  }
}
