// opencode plugin of mosaic for its screen: tells mosaic when it can take messages, and hands it those of the spool. It never
// throws, prints nothing and makes nobody wait; where mosaic does not run the agent it does nothing. Loaded through
// OPENCODE_TUI_CONFIG, which opencode adds to the tui.json of a site. Written against opencode 1.18.33.
import { isAgent, report } from "../report.js";
import { openSpool } from "../spool.js";

/** Its screen is drawn seconds before it can take anything, and no event tells when that is. */
const readyMs = 20;

/** A prompt that opencode has not begun to answer by then is not answered any more: its process was ended, or a person undid it. */
const answerMs = 60_000;

function refusalOf(what, fault) {
  const words = fault?.data?.message ?? fault?.message ?? JSON.stringify(fault) ?? "no reason given";
  return `opencode ${what}: ${words}`;
}

const tui = async (api) => {
  if (!isAgent) return;
  const { route, state, client } = api;

  /** The conversation on the screen; empty: none yet. A sub-agent's belongs to the one that began it. */
  const session = () => {
    let id = route.current.name === "session" ? route.current.params.sessionID : "";
    for (;;) {
      const parent = state.session.get(id)?.parentID;
      if (parent === undefined) return id;
      id = parent;
    }
  };
  // What it queues itself while it works is lost with an Esc: so it gets a message only while it rests.
  const rests = () => {
    if (!["home", "session"].includes(route.current.name)) return false;
    const id = session();
    if (id === "") return true;
    const { type = "idle" } = state.session.status(id) ?? {};
    const asks = state.session.permission(id).length + state.session.question(id).length;
    return type === "idle" && asks === 0 && isAnswered(id);
  };
  // On a busy machine it says seconds after a prompt that it works; until then what comes joins that turn.
  const isAnswered = (id) => {
    const last = state.session.messages(id).at(-1);
    if (last === undefined || Date.now() - last.time.created > answerMs) return true;
    return last.role === "assistant" && last.time.completed !== undefined;
  };
  const handOver = async ({ text }) => {
    let sessionID = session();
    if (sessionID === "") {
      const begun = await client.session.create({}).catch((error) => ({ error }));
      if (begun.data === undefined) return refusalOf("began no conversation", begun.error);
      sessionID = begun.data.id;
      route.navigate("session", { sessionID });
    }
    // As the last prompt in it was: what a person chose there holds.
    const { agent, model } = state.session.messages(sessionID).findLast(({ role }) => role === "user") ?? {};
    const last = { agent, model, variant: model?.variant };
    const { error, response } = (await client.session.promptAsync({ sessionID, ...last, parts: [{ type: "text", text }] })) ?? {};
    // Without an answer nobody knows whether it has it.
    return error !== undefined && response?.status >= 400 ? refusalOf("did not take the message", error) : undefined;
  };

  const begin = () => {
    const spool = openSpool({ canTake: rests, handOver });
    api.event.on("message.part.updated", ({ properties: { part } }) => {
      if (part.type === "text") spool.got(part.text);
    });
    // Its own view of the event comes after this.
    api.event.on("session.status", () => void setTimeout(spool.look, 0));
    api.lifecycle.onDispose(() => spool.close());
    report("session-started", { session: session() });
  };
  const timer = setInterval(() => {
    if (!state.ready) return;
    clearInterval(timer);
    begin();
  }, readyMs);
  api.lifecycle.onDispose(() => clearInterval(timer));
};

export default { id: "mosaic", tui };
