// OpenAI chat completions of the fake model server, as pi 0.87.1 and opencode 1.18.33 use them: server-sent events and tools.
// Requests beside the turn (titles) have no tools and are not logged.
import { directive, fakeModel, type ModelRequest } from "./fake-model.ts";

interface ChatMessage {
  role: string;
  content: string | { type: string; text?: string }[];
}

interface ChatRequest {
  messages: ChatMessage[];
  stream?: boolean;
  tools?: unknown[];
}

/** Answers one request, and logs it when it is a turn of the agent. */
export async function answerChat(body: ChatRequest, requests: ModelRequest[]): Promise<Response> {
  if ((body.tools ?? []).length === 0) return answer(body, 0, { content: "fake" });
  const prompt = textOf(body.messages.findLast(({ role }) => role === "user"));
  const isToolResult = body.messages.at(-1)?.role === "tool";
  const messages = body.messages.length;
  if (!isToolResult) {
    requests.push({ prompt, model: fakeModel, messages, receivedAt: Date.now() });
  }
  const number = requests.length;
  const status = directive(prompt, "error");
  if (status !== undefined) {
    return Response.json({ error: { message: `fake ${status}` } }, { status: Number(status) });
  }
  await Bun.sleep(Number(directive(prompt, "sleep") ?? 0));
  const tool = /\[\[tool=(\S+) (\{[\s\S]*?\})\]\]/.exec(prompt);
  if (tool !== null && !isToolResult) {
    const call = { name: tool[1] ?? "", arguments: tool[2] ?? "{}" };
    const calls = [{ index: 0, id: `call_${number}`, type: "function", function: call }];
    return answer(body, number, { tool_calls: calls });
  }
  const content = directive(prompt, "reply") ?? (isToolResult ? "TOOL DONE" : `ACK ${number}`);
  return answer(body, number, { content });
}

function textOf(message: ChatMessage | undefined): string {
  if (message === undefined) return "";
  if (typeof message.content === "string") return message.content;
  return message.content.map(({ text }) => text ?? "").join("\n");
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

function answer(
  { stream }: ChatRequest,
  number: number,
  said: { content: string } | { tool_calls: object[] },
): Response {
  const id = `chatcmpl-${number}`;
  const finish = "content" in said ? "stop" : "tool_calls";
  if (stream !== true) {
    const message = { role: "assistant", content: null, ...said };
    const choices = [{ index: 0, message, finish_reason: finish }];
    return Response.json({ id, object: "chat.completion", model: fakeModel, choices, usage });
  }
  const chunk = (delta: object, finishReason: string | null) => ({
    id,
    object: "chat.completion.chunk",
    model: fakeModel,
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  });
  const chunks = [
    chunk({ role: "assistant", content: "" }, null),
    chunk(said, null),
    { ...chunk({}, finish), usage },
  ];
  const events = [...chunks.map((data) => JSON.stringify(data)), "[DONE]"];
  return new Response(events.map((data) => `data: ${data}\n\n`).join(""), {
    headers: { "content-type": "text/event-stream" },
  });
}
