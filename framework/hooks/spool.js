// The agent's end of the spool, a folder through which mosaic hands messages to a runtime without keystrokes (the other end:
// src/messages/spool.ts). Like the reports, it never throws, prints nothing and waits for nobody.
//
//   up           we take messages; the text is our pid
//   ID.message   {"text", "isNow"}: mosaic's, which takes it back by another rename when nobody takes it
//   ID.taken     ours from here on, and never handed over twice: whoever finds it later cannot know more than that
//   ID.done      the runtime has it
//   ID.refused   the runtime would have dropped it, or did not take it: why, and a second line with a word for programs
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";

const { MOSAIC_HOOK_STATE: state = "", MOSAIC_AGENT: agent, MOSAIC_INSTANCE: instance } = process.env;

/** What a watch of the folder missed is seen within this. */
const lookMs = 1_000;

/** A runtime that has not shown a text by then dropped it; the next one must not wait for it. */
const seenMs = 10_000;

/**
 * `canTake({isNow})` says whether the runtime can take a message now; `handOver({text, isNow})` gives it one, and may promise a
 * text: why the runtime did not take it, for sure. `fault()` is undefined, or a promise of why the runtime would drop one (of undefined after all). Tell `got(text)` when the runtime has
 * it, `look()` when it may be free, `close()` when it takes no more.
 */
export function openSpool({ canTake, handOver, fault = () => undefined }) {
  const folder = `${state}/agents/${agent}/spool/${instance}`;
  /** The one that was handed over and not seen yet: only then comes the next one. */
  let handed;
  const look = quietly(() => {
    if (handed !== undefined && Date.now() - handed.at < seenMs) return;
    handed = undefined;
    for (const name of readdirSync(folder).filter((one) => one.endsWith(".message"))) {
      const { text, isNow } = JSON.parse(readFileSync(`${folder}/${name}`, "utf8"));
      if (!canTake({ isNow })) continue;
      const id = name.slice(0, -".message".length);
      renameSync(`${folder}/${name}`, `${folder}/${id}.taken`);
      handed = { id, text, at: Date.now() };
      // A look that fails tells nothing: another version of the runtime may not know what we ask it.
      const unsure = quietly(fault)();
      const hand = () => handOver({ text, isNow })?.then?.((why) => {
        if (typeof why === "string" && handed?.id === id) refuse(id, why, "not-taken");
      }).catch(() => {});
      const give = quietly((why) => (why === undefined ? hand() : refuse(id, why, "no-model")));
      if (unsure === undefined) give();
      else unsure.then(give, () => give());
      return;
    }
  });
  const refuse = (id, why, cause) => {
    handed = undefined;
    writeFileSync(`${folder}/${id}.taken`, `${why.replaceAll(/\s+/g, " ")}\n${cause}\n`);
    renameSync(`${folder}/${id}.taken`, `${folder}/${id}.refused`);
    look();
  };
  const close = quietly(() => rmSync(`${folder}/up`, { force: true }));
  let watcher, timer;
  quietly(() => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    watcher = watch(folder, look);
    watcher.on("error", () => {});
    timer = setInterval(look, lookMs);
    timer.unref();
    writeFileSync(`${folder}/up`, `${process.pid}`, { mode: 0o600 });
    look();
  })();
  return {
    look,
    /** Whether it is one of ours. */
    got: quietly((text) => {
      if (handed === undefined || handed.text !== text) return false;
      renameSync(`${folder}/${handed.id}.taken`, `${folder}/${handed.id}.done`);
      handed = undefined;
      return true;
    }),
    close() {
      watcher?.close();
      clearInterval(timer);
      close();
    },
  };
}

/** A spool that breaks leaves the agent alone, and mosaic finds that nobody takes the message. */
function quietly(work) {
  return (...args) => {
    try {
      return work(...args);
    } catch {
      return undefined;
    }
  };
}
