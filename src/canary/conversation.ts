// The canary's conversation: composer, working spell, queue, permission question. Events in, state and effects out. Pure.
// Over 200 lines because it is one state machine, and is read as one.
import type { AgentReport } from "../domain/agent-report.ts";
import { answerTo } from "./answer.ts";
import { type Editor, edit, editorText, emptyEditor } from "./editor.ts";
import type { InputEvent, KeyName } from "./keys.ts";

/** What it can be in: for `working` Escape interrupts; for `asking` Enter takes the chosen answer. */
export type Phase = "idle" | "working" | "asking";

export interface Conversation {
  editor: Editor;
  phase: Phase;
  /** The answer under the cursor of the question: the default is yes, as it is in the real agents. */
  choice: "yes" | "no";
  /** The prompt it works on. */
  current: string;
  /** Prompts that came while it worked, oldest first. */
  queue: readonly string[];
  answered: number;
  /** Of the prompt it works on. */
  turn: number;
}

export interface Behaviour {
  /** Ask for permission before each answer. */
  ask: boolean;
  /** End after so many answers; undefined: never. */
  exitAfter?: number | undefined;
  /** Exit status of that end. */
  exitCode: number;
}

export type Effect =
  | { kind: "print"; lines: readonly string[] }
  /** Starts a working spell; `worked` is the event at its end. */
  | { kind: "work" }
  | { kind: "stop-work" }
  /** The question was answered with yes. */
  | { kind: "approved" }
  /** What the fleet is told, as the hooks of the real agents tell it. */
  | { kind: "report"; report: CanaryReport }
  /** The screen was disturbed from outside. */
  | { kind: "redraw" }
  | { kind: "exit"; exitCode: number };

/** The session is whoever runs the conversation's. */
export type CanaryReport = DistributiveOmit<AgentReport, "session">;

type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;

export type ConversationEvent = InputEvent | { kind: "worked" };

export interface Turn {
  state: Conversation;
  effects: Effect[];
}

/** Waits for the first prompt. */
export const newConversation: Conversation = {
  editor: emptyEditor,
  phase: "idle",
  choice: "yes",
  current: "",
  queue: [],
  answered: 0,
  turn: 0,
};

/** One event: what changes, and what is to be done. */
export function converse(
  state: Conversation,
  event: ConversationEvent,
  behaviour: Behaviour,
): Turn {
  if (event.kind === "worked") {
    if (state.phase !== "working") return still(state);
    if (behaviour.ask) {
      const question = "may the canary answer this prompt?";
      const asking: Conversation = { ...state, phase: "asking", choice: "yes" };
      return { state: asking, effects: [reported({ kind: "waiting", question })] };
    }
    return finish(state, answerTo(state.current), behaviour);
  }
  if (state.phase === "asking") return decide(state, event, behaviour);
  if (event.kind !== "key") return still({ ...state, editor: edit(state.editor, event) });
  return pressed(state, event.name);
}

function still(state: Conversation): Turn {
  return { state, effects: [] };
}

function pressed(state: Conversation, name: KeyName): Turn {
  const isEmpty = editorText(state.editor) === "";
  switch (name) {
    case "enter":
      return submit(state);
    case "redraw":
      return { state, effects: [{ kind: "redraw" }] };
    case "escape":
      return state.phase === "working" ? interrupt(state) : still(state);
    case "interrupt":
      if (!isEmpty) return still({ ...state, editor: emptyEditor });
      return state.phase === "working" ? interrupt(state) : leave(state, 0);
    case "end-of-input":
      return isEmpty ? leave(state, 0) : still(state);
    default:
      return still({ ...state, editor: edit(state.editor, { kind: "key", name }) });
  }
}

function submit(state: Conversation): Turn {
  const prompt = editorText(state.editor);
  const cleared = { ...state, editor: emptyEditor };
  switch (prompt.trim()) {
    case "":
      return still(state);
    case "/exit":
    case "/quit":
      return leave(cleared, 0);
    case "/new":
    case "/clear":
      return {
        state: cleared,
        effects: [
          { kind: "print", lines: ["canary: new session"] },
          reported({ kind: "session-started" }),
        ],
      };
  }
  if (state.phase === "working") return still({ ...cleared, queue: [...state.queue, prompt] });
  return begin(cleared, prompt);
}

function begin(state: Conversation, prompt: string): Turn {
  const turn = state.turn + 1;
  return {
    state: { ...state, phase: "working", current: prompt, turn },
    effects: [
      { kind: "print", lines: quoted(prompt) },
      reported({ kind: "prompt-accepted", text: prompt, turn: `${turn}` }),
      { kind: "work" },
    ],
  };
}

/** Lines of a prompt that the transcript shows. */
const shownLines = 12;

function quoted(prompt: string): string[] {
  const lines = prompt.split("\n");
  const shown = lines
    .slice(0, shownLines)
    .map((line, index) => `${index === 0 ? "> " : "  "}${line}`);
  const hidden = lines.length - shown.length;
  return ["", ...shown, ...(hidden > 0 ? [`  … +${hidden} lines`] : []), ""];
}

/** The question is on screen: only a choice counts, a text is not one. */
function decide(state: Conversation, event: InputEvent, behaviour: Behaviour): Turn {
  if (event.kind === "paste") return still(state);
  const word = event.kind === "text" ? event.text : event.name;
  const choice = word === "enter" ? state.choice : answers[word];
  if (word === "up" || word === "down") {
    return still({ ...state, choice: state.choice === "yes" ? "no" : "yes" });
  }
  if (choice === "yes") {
    const { state: next, effects } = finish(state, answerTo(state.current), behaviour);
    return { state: next, effects: [{ kind: "approved" }, ...effects] };
  }
  return choice === "no" ? finish(state, "canary: not allowed", behaviour) : still(state);
}

const answers: Partial<Record<string, "yes" | "no">> = {
  "1": "yes",
  "2": "no",
  y: "yes",
  n: "no",
  escape: "no",
  interrupt: "no",
};

function finish(state: Conversation, answer: string, behaviour: Behaviour): Turn {
  const answered = state.answered + 1;
  const print: Effect = { kind: "print", lines: [answer, ""] };
  const idle: Conversation = { ...state, phase: "idle", current: "", answered };
  const told = reported({ kind: "turn-ended", answer });
  if (answered === behaviour.exitAfter) {
    const { effects } = leave(idle, behaviour.exitCode);
    return { state: idle, effects: [print, told, ...effects] };
  }
  return goOn(idle, [print, told]);
}

function interrupt(state: Conversation): Turn {
  const idle: Conversation = { ...state, phase: "idle", current: "" };
  // As Claude Code and Codex do: an interrupt is not reported.
  return goOn(idle, [{ kind: "stop-work" }, { kind: "print", lines: ["canary: interrupted", ""] }]);
}

function reported(report: CanaryReport): Effect {
  return { kind: "report", report };
}

/** The next prompt of the queue, if there is one. */
function goOn(state: Conversation, effects: Effect[]): Turn {
  const [next, ...queue] = state.queue;
  if (next === undefined) return { state, effects };
  const turn = begin({ ...state, queue }, next);
  return { state: turn.state, effects: [...effects, ...turn.effects] };
}

function leave(state: Conversation, exitCode: number): Turn {
  return { state, effects: [{ kind: "exit", exitCode }] };
}
