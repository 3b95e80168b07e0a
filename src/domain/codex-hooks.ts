// What makes Codex report to us for one run: hooks and their trust, both by `-c`, so that its config.toml stays a site's own.
// Measured with codex 0.169.0. Pure.
import { sha256Hex } from "./hash.ts";

const events = [
  "SessionStart",
  "UserPromptSubmit",
  "PermissionRequest",
  "PostToolUse",
  "Stop",
  "Interrupt",
  "SessionEnd",
] as const;

/** Codex cuts the one of the last two events to this, with a warning when it is more. */
const timeoutSeconds = 3;

/**
 * Arguments for codex. `--no-daemon`: its daemon is one per HOME, and would report every agent as the one that started it.
 * Codex runs no hook that it does not know by the hash of its definition, and asks a person instead.
 */
export function codexReportArgs(): string[] {
  const hooks = events.map((event) => {
    const command = `[ -x "$MOSAIC_BIN" ] && "$MOSAIC_BIN" hook run ${event} >/dev/null 2>&1; exit 0`;
    const name = event.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
    const settings = { command, timeout: timeoutSeconds, type: "command" };
    // Keys in order, no spaces, and what is left out is written out: that is what it hashes.
    const hook = { async: false, ...settings };
    const hash = sha256Hex(JSON.stringify({ event_name: name, hooks: [hook] }));
    return { event, name, command, hash };
  });
  const given = hooks.flatMap(({ event, command }) => {
    const hook = `type="command",command=${toml(command)},timeout=${timeoutSeconds},async=false`;
    return ["-c", `hooks.${event}=[{hooks=[{${hook}}]}]`];
  });
  const trusted = hooks.map(({ name, hash }) => {
    const key = `/<session-flags>/config.toml:${name}:0:0`;
    return `${toml(key)}={enabled=true,trusted_hash="sha256:${hash}"}`;
  });
  return ["--no-daemon", ...given, "-c", `hooks.state={${trusted.join(",")}}`];
}

/** A JSON string is a basic string of TOML. */
function toml(text: string): string {
  return JSON.stringify(text);
}
