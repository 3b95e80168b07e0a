// The hooks of Claude Code, whose schema Codex has taken over, as our own reports. Pure.
// Fields as measured with Claude Code 2.1.330 and codex 0.169.0; what is not listed tells nothing that we keep.
import { type AgentReport, maxTextLength } from "./agent-report.ts";

/** undefined for an event that says nothing of what the agent does. */
export function reportOfHook(event: string, payload: unknown): AgentReport | undefined {
  const fields = new Map<string, unknown>(Object.entries(payload ?? {}));
  const text = (name: string): string => {
    const value = fields.get(name);
    return typeof value === "string" ? value : "";
  };
  const session = text("session_id");
  // Of Codex. The prompt_id of Claude Code is no turn's: what it queues for the next turn has that of the running one.
  const turn = text("turn_id");
  switch (event) {
    case "SessionStart":
      // In the middle of a turn: it goes on with a shorter memory.
      if (text("source") === "compact") return undefined;
      return { kind: "session-started", session };
    case "UserPromptSubmit":
      return {
        kind: "prompt-accepted",
        session,
        text: text("prompt"),
        // Codex tells of a prompt when its model gets it, and names the turn truly.
        ...(turn === "" ? { isQueued: true as const } : {}),
        turn: turn || text("prompt_id"),
      };
    case "PreToolUse":
    case "PostToolUse":
    case "PostToolUseFailure":
      return { kind: "working", session };
    case "PermissionRequest":
      return { kind: "waiting", session, question: questionOf(text("tool_name"), fields) };
    case "Notification": {
      // Dialogs without a PermissionRequest, such as that of the auto mode; it comes after some six seconds.
      const isWaiting = ["permission_prompt", "agent_needs_input"].includes(
        text("notification_type"),
      );
      return isWaiting ? { kind: "waiting", session, question: text("message") } : undefined;
    }
    case "Stop":
      return {
        kind: "turn-ended",
        session,
        answer: text("last_assistant_message").slice(0, maxTextLength),
        turn,
        ...(fields.get("stop_hook_active") === true ? { isContinued: true as const } : {}),
      };
    case "StopFailure":
      return { kind: "turn-failed", session, reason: text("error") || text("error_details") };
    case "Interrupt":
      return { kind: "turn-failed", session, reason: "interrupted", turn };
    case "SessionEnd":
      return { kind: "session-ended", session };
    default:
      return undefined;
  }
}

/** Such as `may it use Bash: rm -rf build`. */
function questionOf(tool: string, fields: ReadonlyMap<string, unknown>): string {
  const input = Object.values(fields.get("tool_input") ?? {});
  // The first one says most: a shell's command, a file's path.
  const what: unknown = input[0];
  return `may it use ${tool}${typeof what === "string" && what !== "" ? `: ${what}` : ""}?`;
}
