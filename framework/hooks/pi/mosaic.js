// pi extension of mosaic: tells mosaic what this agent does. It never throws, prints nothing and waits for nobody; where
// mosaic does not run the agent it does nothing. Loaded by `pi --extension`, beside whatever a site has of its own.
// Written against pi 0.87.1 (docs/extensions.md of its package).
import { spawn } from "node:child_process";

const { MOSAIC_BIN: binary = "", MOSAIC_AGENT: agent = "", MOSAIC_INSTANCE: instance = "" } = process.env;

/** One after the other, as things happened. */
let before = Promise.resolve();

function report(kind, fields) {
  before = before.then(() => run(kind, fields)).catch(() => {});
  return before;
}

function run(kind, fields) {
  return new Promise((resolve) => {
    const child = spawn(binary, ["hook", "run", kind], { stdio: ["pipe", "ignore", "ignore"] });
    child.on("error", resolve);
    child.on("close", resolve);
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(fields));
  });
}

/** The texts of a message, without thoughts, tool calls and images. */
function textOf(message) {
  const { content } = message ?? {};
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.flatMap((part) => (part?.type === "text" ? [part.text] : [])).join("\n");
}

export default function mosaic(pi) {
  if (binary === "" || agent === "" || instance === "") return;
  let last;
  /** Counts its runs: each begins with one prompt, and takes what is steered into it. */
  let runs = 0;
  const on = (event, tell) => {
    pi.on(event, (payload, ctx) => {
      try {
        const told = tell(payload, ctx);
        if (told === undefined) return undefined;
        const [kind, fields] = told;
        const done = report(kind, { session: ctx?.sessionManager?.getSessionId?.() ?? "", ...fields });
        // Only the end is waited for: nobody is there to report it later.
        return event === "session_shutdown" ? done : undefined;
      } catch {
        return undefined;
      }
    });
  };
  on("session_start", () => ["session-started", {}]);
  on("agent_start", () => {
    last = undefined;
    runs += 1;
    return ["working", {}];
  });
  on("message_end", ({ message }) => {
    if (message?.role === "assistant") last = message;
    return message?.role === "user" ? ["prompt-accepted", { text: textOf(message), turn: `${runs}` }] : undefined;
  });
  // pi goes on by itself after an agent_end; this one is final.
  on("agent_settled", () => {
    const { stopReason, errorMessage } = last ?? {};
    if (stopReason === "error" || stopReason === "aborted") {
      return ["turn-failed", { reason: errorMessage ?? stopReason }];
    }
    return ["turn-ended", { answer: textOf(last) }];
  });
  on("ui_prompt_start", ({ title, kind }) => ["waiting", { question: title ?? kind ?? "" }]);
  on("ui_prompt_end", (_, ctx) => (ctx?.isIdle?.() === true ? undefined : ["working", {}]));
  on("session_shutdown", () => ["session-ended", {}]);
}
