// pi extension of mosaic: tells mosaic what this agent does, and hands it mosaic's messages. It never throws, prints nothing
// and waits for nobody; where mosaic does not run the agent it does nothing. Loaded by `pi --extension`, beside whatever a
// site has of its own.
// Written against pi 0.87.1 (docs/extensions.md of its package).
import { isAgent, report, reported } from "../report.js";
import { openSpool } from "../spool.js";

/** The texts of a message, without thoughts, tool calls and images. */
function textOf(message) {
  const { content } = message ?? {};
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.flatMap((part) => (part?.type === "text" ? [part.text] : [])).join("\n");
}

/** Why pi would drop a prompt, and tell nobody but its screen: it has no model that it may ask. */
function faultOf({ model, modelRegistry }) {
  if (model === undefined) return Promise.resolve("pi has no model selected: /model or /login in pi");
  if (modelRegistry.hasConfiguredAuth(model)) return undefined;
  const { provider, id } = model;
  const named = `${provider}/${id}` === "unknown/unknown" ? "" : ` for ${provider}/${id}`;
  return modelRegistry.getProviderAuth(provider).then(
    (auth) => (auth === undefined ? `pi has no key or login${named}: /login in pi` : undefined),
    () => undefined,
  );
}

export default function mosaic(pi) {
  if (!isAgent) return;
  let last;
  let spool;
  /** Counts its runs: each begins with one prompt, and takes what is steered into it. */
  let runs = 0;
  let isSettled = true;
  const on = (event, tell) => {
    pi.on(event, (payload, ctx) => {
      try {
        const told = tell(payload, ctx);
        if (told === undefined) return undefined;
        const [kind, fields] = told;
        report(kind, { session: ctx?.sessionManager?.getSessionId?.() ?? "", ...fields });
        // Only the end is waited for: nobody is there to report it later.
        return event === "session_shutdown" ? reported() : undefined;
      } catch {
        return undefined;
      }
    });
  };
  /** pi takes no key of it: neither a draft in its composer nor an open list matters. */
  const takeMessages = (ctx) => {
    spool?.close();
    spool = openSpool({
      // While it compacts its conversation it drops what comes; its signal is there while it asks its model or runs tools.
      canTake: ({ isNow }) =>
        ctx.isIdle() ? isNow || !ctx.hasPendingMessages() : isNow && ctx.signal !== undefined,
      fault: () => faultOf(ctx),
      // Without it, one that comes while pi works is lost.
      handOver: ({ text, isNow }) => pi.sendUserMessage(text, { deliverAs: isNow ? "steer" : "followUp" }),
    });
  };
  on("session_start", (_, ctx) => {
    takeMessages(ctx);
    return ["session-started", {}];
  });
  // One that is steered into a run stands in pi's own queue until then.
  on("input", ({ text, streamingBehavior }) => {
    if (streamingBehavior !== undefined) spool?.got(text);
  });
  on("agent_start", () => {
    last = undefined;
    // It begins anew in the middle of a run too: after a fault that it tries again, and after it has compacted.
    if (isSettled) runs += 1;
    isSettled = false;
    return ["working", {}];
  });
  on("message_end", ({ message }) => {
    if (message?.role === "assistant") last = message;
    if (message?.role === "user") spool?.got(textOf(message));
    return message?.role === "user" ? ["prompt-accepted", { text: textOf(message), turn: `${runs}` }] : undefined;
  });
  // pi goes on by itself after an agent_end; this one is final.
  on("agent_settled", () => {
    isSettled = true;
    // pi is idle once all have heard of it.
    setTimeout(() => spool?.look(), 0);
    const { stopReason, errorMessage } = last ?? {};
    if (stopReason === "error" || stopReason === "aborted") {
      return ["turn-failed", { reason: errorMessage ?? stopReason }];
    }
    return ["turn-ended", { answer: textOf(last) }];
  });
  on("ui_prompt_start", ({ title, kind }) => ["waiting", { question: title ?? kind ?? "" }]);
  on("ui_prompt_end", (_, ctx) => (ctx?.isIdle?.() === true ? undefined : ["working", {}]));
  on("session_shutdown", () => {
    spool?.close();
    return ["session-ended", {}];
  });
}
