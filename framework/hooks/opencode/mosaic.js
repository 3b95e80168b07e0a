// opencode plugin of mosaic: tells mosaic what this agent does. It never throws, prints nothing and makes nobody wait; where
// mosaic does not run the agent it does nothing. Loaded through OPENCODE_CONFIG_CONTENT, whose plugins opencode adds to
// those of a site. Written against opencode 1.18.33. One export: opencode calls every exported function as a plugin.
import { isAgent, report } from "../report.js";

const textOf = (parts) =>
  (parts ?? []).flatMap((part) => (part?.type === "text" && part.synthetic !== true ? [part.text] : [])).join("\n");

const reasonOf = ({ name = "error", data } = {}) =>
  name === "MessageAbortedError" ? "interrupted" : (data?.message ?? name);

export const MosaicPlugin = async ({ client }) => {
  if (!isAgent) return {};
  // An opencode that the agent itself runs must not report as the agent, nor take its messages. This is not the thread of the
  // screen, which has read its own copy.
  delete process.env.OPENCODE_CONFIG_CONTENT;
  delete process.env.OPENCODE_TUI_CONFIG;
  /** Sessions of sub-agents, whose turns are steps of the agent's own. */
  const isChild = new Map();
  /** Sessions that work: their end comes twice after an interrupt. */
  const working = new Set();
  /** Those of them whose prompt is known. */
  const isInTurn = new Set();
  const faults = new Map();
  /** Those that were not allowed what they asked for: that ends a turn without an answer. */
  const refused = new Set();
  /** By its last status. */
  const isIdle = new Map();
  /** The last prompt of each session. */
  const prompts = new Map();
  /** The first prompt of what it works on: a later one that it adds to that is of the same turn. */
  const turns = new Map();

  const isOurs = async (session) => {
    if (!isChild.has(session)) {
      const { data } = await client.session.get({ path: { id: session } });
      isChild.set(session, data?.parentID !== undefined);
    }
    return isChild.get(session) === false;
  };
  /** The last words of the turn that the last prompt began; undefined when there are none yet. */
  const lastAnswer = async (session) => {
    if (!prompts.has(session)) return { text: "" };
    const { data } = await client.session.messages({ path: { id: session }, query: { limit: 30 } });
    const words = (data ?? []).filter(({ info }) => info.parentID === prompts.get(session));
    const last = words.findLast(({ info }) => info.role === "assistant");
    if (last?.info.time?.completed === undefined) return undefined;
    const { error, finish } = last.info;
    if (finish === "tool-calls") return refused.has(session) ? { reason: "it was not allowed what it asked for" } : undefined;
    return { text: textOf(last.parts), reason: error === undefined ? undefined : reasonOf(error) };
  };
  const ended = async (session) => {
    if (!working.has(session)) return;
    const fault = faults.get(session);
    faults.delete(session);
    const answer = fault === undefined ? await lastAnswer(session) : { reason: fault };
    // It tells of an end twice, and of one while the next prompt waits already.
    if (answer === undefined) return;
    working.delete(session);
    isInTurn.delete(session);
    refused.delete(session);
    const { text, reason } = answer;
    const turn = turns.get(session) ?? "";
    if (reason === undefined) report("turn-ended", { session, turn, answer: text });
    else report("turn-failed", { session, turn, reason });
  };
  const told = async ({ type, properties = {} }) => {
    const session = properties.sessionID ?? properties.info?.id ?? "";
    if (type === "session.created") isChild.set(session, properties.info?.parentID !== undefined);
    if (!(await isOurs(session))) return;
    if (type === "session.created") report("session-started", { session });
    if (type === "session.status") isIdle.set(session, properties.status?.type === "idle");
    if (isIdle.get(session) === true && type === "session.status") await ended(session);
    if (type === "session.status" && properties.status?.type !== "idle") {
      if (!working.has(session)) report("working", { session });
      working.add(session);
    }
    if (type === "session.error") {
      faults.set(session, reasonOf(properties.error));
      // It may tell of the fault behind the end of the turn.
      if (isIdle.get(session) === true) await ended(session);
    }
    if (type === "permission.asked") {
      const what = properties.metadata?.command ?? (properties.patterns ?? []).join(" ");
      report("waiting", { session, question: `may it use ${properties.permission}: ${what}?` });
    }
    if (type === "question.asked") report("waiting", { session, question: "a question" });
    if (/^(permission|question)\.(replied|rejected)$/.test(type)) {
      if (type === "question.rejected" || properties.reply === "reject") refused.add(session);
      report("working", { session });
    }
  };

  /** In order: a handler asks opencode, and the next event must not overtake it. */
  let chain = Promise.resolve();
  const inOrder = (work) => {
    chain = chain.then(work).catch(() => {});
  };
  return {
    event: async ({ event }) => {
      if (!/^(session\.(created|status|error)|permission\.|question\.)/.test(event?.type ?? "")) return;
      inOrder(() => told(event));
    },
    "chat.message": async ({ sessionID: session }, { message, parts }) => {
      inOrder(async () => {
        if (!(await isOurs(session))) return;
        // It may come after the last words of a turn, and before opencode tells of its end.
        await ended(session);
        prompts.set(session, message.id);
        refused.delete(session);
        if (!working.has(session)) faults.delete(session);
        // It may say that it works before it tells of the prompt.
        if (!isInTurn.has(session)) turns.set(session, message.id);
        isInTurn.add(session);
        working.add(session);
        report("prompt-accepted", { session, turn: turns.get(session), text: textOf(parts) });
      });
    },
  };
};
