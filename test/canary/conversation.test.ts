// The canary's conversation: what Enter, Escape and Ctrl-C mean, the queue, and the permission question.
import { expect, test } from "bun:test";
import { answerTo } from "../../src/canary/answer.ts";
import {
  type Behaviour,
  type Conversation,
  type ConversationEvent,
  converse,
  type Effect,
  newConversation,
} from "../../src/canary/conversation.ts";
import { editorText } from "../../src/canary/editor.ts";
import type { KeyName } from "../../src/canary/keys.ts";

const key = (name: KeyName): ConversationEvent => ({ kind: "key", name });
const text = (value: string): ConversationEvent => ({ kind: "text", text: value });
const worked: ConversationEvent = { kind: "worked" };

interface Course {
  state: Conversation;
  effects: Effect[];
}

function course(events: ConversationEvent[], behaviour: Partial<Behaviour> = {}): Course {
  return events.reduce<Course>(
    ({ state, effects }, event) => {
      const turn = converse(state, event, { ask: false, exitCode: 0, ...behaviour });
      const seen = turn.effects.filter(({ kind }) => kind !== "report");
      return { state: turn.state, effects: [...effects, ...seen] };
    },
    { state: newConversation, effects: [] },
  );
}

const prompt = (value: string) => [text(value), key("enter")];
const answered = (value: string): Effect => ({ kind: "print", lines: [answerTo(value), ""] });
const shown = (value: string): Effect => ({ kind: "print", lines: ["", `> ${value}`, ""] });
const exit = (exitCode: number): Effect => ({ kind: "exit", exitCode });

test("a prompt is shown, worked on and answered", () => {
  const { state, effects } = course([...prompt("hello"), worked]);
  expect(effects).toEqual([shown("hello"), { kind: "work" }, answered("hello")]);
  expect(state).toEqual({ ...newConversation, answered: 1, turn: 1 });
});

test("an Enter inside a paste does not submit", () => {
  const { state, effects } = course([{ kind: "paste", text: "a\nb\n" }]);
  expect(effects).toEqual([]);
  expect(editorText(state.editor)).toBe("a\nb\n");
});

test("prompts that come while it works wait in their order", () => {
  const { state, effects } = course([
    ...prompt("1"),
    ...prompt("2"),
    ...prompt("3"),
    worked,
    worked,
  ]);
  expect(effects).toEqual([
    shown("1"),
    { kind: "work" },
    answered("1"),
    shown("2"),
    { kind: "work" },
    answered("2"),
    shown("3"),
    { kind: "work" },
  ]);
  expect(state).toMatchObject({ phase: "working", current: "3", queue: [] });
});

test("Escape ends the working spell and the next prompt begins", () => {
  const { effects } = course([...prompt("1"), ...prompt("2"), key("escape"), worked]);
  expect(effects.slice(2)).toEqual([
    { kind: "stop-work" },
    { kind: "print", lines: ["canary: interrupted", ""] },
    shown("2"),
    { kind: "work" },
    answered("2"),
  ]);
});

test.each<[string, ConversationEvent[], Effect[]]>([
  ["Ctrl-C clears a draft", [text("draft"), key("interrupt")], []],
  ["Ctrl-C leaves an empty composer", [key("interrupt")], [exit(0)]],
  ["Ctrl-D leaves an empty composer", [key("end-of-input")], [exit(0)]],
  ["Ctrl-D keeps a draft", [text("draft"), key("end-of-input")], []],
  ["/exit leaves", prompt("/exit"), [exit(0)]],
  ["/quit leaves", prompt(" /quit "), [exit(0)]],
  ["an empty prompt is none", prompt("  "), []],
  ["/new is no prompt", prompt("/new"), [{ kind: "print", lines: ["canary: new session"] }]],
  ["Ctrl-L draws again", [key("redraw")], [{ kind: "redraw" }]],
])("%s", (_, events, effects) => {
  expect(course(events).effects).toEqual(effects);
});

const asked = [...prompt("do it"), worked];

test("a question waits for a choice, and a text is none", () => {
  const deaf = [text("hello"), { kind: "paste", text: "1" } as const, text("yes")];
  const { state, effects } = course([...asked, ...deaf], { ask: true });
  expect(state.phase).toBe("asking");
  expect(effects.slice(2)).toEqual([]);
});

test.each<[string, ConversationEvent[], boolean]>([
  ["Enter takes the default, which is yes", [key("enter")], true],
  ["1 is yes", [text("1")], true],
  ["down and up is yes again", [key("down"), key("up"), key("enter")], true],
  ["2 is no", [text("2")], false],
  ["down and Enter is no", [key("down"), key("enter")], false],
  ["Escape is no", [key("escape")], false],
  ["Ctrl-C is no", [key("interrupt")], false],
])("%s", (_, events, isApproved) => {
  const { state, effects } = course([...asked, ...events], { ask: true });
  expect(state.phase).toBe("idle");
  expect(effects.slice(2)).toEqual(
    isApproved
      ? [{ kind: "approved" }, answered("do it")]
      : [{ kind: "print", lines: ["canary: not allowed", ""] }],
  );
});

test("it leaves by itself after so many answers", () => {
  const { effects } = course([...prompt("1"), worked, ...prompt("2"), worked], {
    exitAfter: 2,
    exitCode: 7,
  });
  expect(effects.slice(-2)).toEqual([answered("2"), exit(7)]);
});

test("a long prompt is shown in part", () => {
  const long = Array.from({ length: 20 }, (_, index) => `${index}`).join("\n");
  const { effects } = course([{ kind: "paste", text: long }, key("enter")]);
  const [first] = effects;
  expect(first?.kind === "print" && first.lines.at(-2)).toBe("  … +8 lines");
});

test("it reports what it does, as a real agent's hooks do; an interrupt is not among it", () => {
  const events = [...prompt("1"), worked, key("down"), key("enter"), ...prompt("2"), key("escape")];
  let state = newConversation;
  const reports = events.flatMap((event) => {
    const turn = converse(state, event, { ask: true, exitCode: 0 });
    ({ state } = turn);
    return turn.effects.flatMap((effect) => (effect.kind === "report" ? [effect.report] : []));
  });
  expect(reports).toEqual([
    { kind: "prompt-accepted", text: "1", turn: "1" },
    { kind: "waiting", question: "may the canary answer this prompt?" },
    { kind: "turn-ended", answer: "canary: not allowed" },
    { kind: "prompt-accepted", text: "2", turn: "2" },
  ]);
});
