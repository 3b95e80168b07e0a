// The Anthropic Messages API of the fake model server, as Claude Code 2.1.330 uses it: server-sent events, tools, and
// requests beside the turn (titles, topics), which have no tools and are not logged.
import { directive, fakeModel, type ModelRequest } from "./fake-model.ts";

interface Block {
  type: string;
  text?: string;
}

interface MessagesRequest {
  messages: { role: string; content: string | Block[] }[];
  tools?: unknown[];
  stream?: boolean;
}

/** What the runtime adds to a prompt by itself. */
const reminders = /<system-reminder>[\s\S]*?<\/system-reminder>\s*/g;

/** What somebody said, in contrast to what Claude Code adds. */
function isSaid(text: string): boolean {
  return text.trim() !== "" && !text.startsWith("[Request interrupted");
}

/** Answers one request, and logs it when it is a turn of the agent. */
export async function answerMessages(
  body: MessagesRequest,
  requests: ModelRequest[],
): Promise<Response> {
  const isTurn = (body.tools ?? []).length > 2;
  if (!isTurn) return reply(body, [{ type: "text", text: "fake" }]);
  const last = body.messages.findLast(({ role }) => role === "user");
  const blocks = typeof last?.content === "string" ? [{ type: "text", text: last.content }] : [];
  const all = Array.isArray(last?.content) ? last.content : blocks;
  const texts = all.flatMap(({ text }) => text ?? []).map((text) => text.replace(reminders, ""));
  const prompt = texts.filter(isSaid).join("\n");
  // A prompt after a tool that was interrupted comes with what became of the tool.
  const isToolResult = prompt === "" && all.some(({ type }) => type === "tool_result");
  const messages = body.messages.length;
  if (!isToolResult) {
    requests.push({ prompt, model: fakeModel, messages, receivedAt: Date.now() });
  }
  const status = directive(prompt, "error");
  if (status !== undefined) {
    const error = { type: "overloaded_error", message: `fake ${status}` };
    return Response.json({ type: "error", error }, { status: Number(status) });
  }
  await Bun.sleep(Number(directive(prompt, "sleep") ?? 0));
  const number = requests.length;
  const tool = /\[\[tool=(\S+) (\{[\s\S]*?\})\]\]/.exec(prompt);
  if (tool !== null && !isToolResult) {
    const [, name = "", input = "{}"] = tool;
    return reply(body, [{ type: "tool_use", id: `toolu_${number}`, name, input }]);
  }
  const text = directive(prompt, "reply") ?? (isToolResult ? "TOOL DONE" : `ACK ${number}`);
  return reply(body, [{ type: "text", text }]);
}

type Content =
  | { type: "text"; text: string }
  | { type: "tool_use"; id: string; name: string; input: string };

/** Two replies of one id are one message to Claude Code, which joins them. */
let replies = 0;

function reply(body: MessagesRequest, content: [Content]): Response {
  const [block] = content;
  const stop = block.type === "tool_use" ? "tool_use" : "end_turn";
  const usage = { input_tokens: 10, output_tokens: 5 };
  const common = { id: `msg_${++replies}`, type: "message", role: "assistant", model: fakeModel };
  const message = { ...common, stop_reason: null, stop_sequence: null, usage };
  if (body.stream !== true) {
    const whole = block.type === "text" ? block : { ...block, input: JSON.parse(block.input) };
    return Response.json({ ...message, content: [whole], stop_reason: stop });
  }
  const [start, delta] =
    block.type === "text"
      ? [
          { type: "text", text: "" },
          { type: "text_delta", text: block.text },
        ]
      : [
          { ...block, input: {} },
          { type: "input_json_delta", partial_json: block.input },
        ];
  const events = [
    { type: "message_start", message: { ...message, content: [] } },
    { type: "content_block_start", index: 0, content_block: start },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: stop, stop_sequence: null }, usage },
    { type: "message_stop" },
  ];
  const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  return new Response(text.join(""), { headers: { "content-type": "text/event-stream" } });
}
