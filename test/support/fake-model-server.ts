// A model server on loopback for real agent CLIs: speaks OpenAI chat completions and responses, and Anthropic messages,
// with streaming; logs each prompt as received, and answers by the directives that stand in it. Costs no token, needs no network.
//   [[reply=TEXT]]  answers TEXT        [[sleep=MS]]  waits before it answers        [[error=529]]  that HTTP status
//   [[tool=NAME {json}]]  wants to use that tool first (not as chat completion)
import { answerMessages } from "./fake-anthropic.ts";
import { answerResponses } from "./fake-responses.ts";
import { directive, fakeModel, type ModelRequest } from "./fake-model.ts";

export interface FakeModelServer extends Disposable {
  /** Such as http://127.0.0.1:41234/v1 */
  baseUrl: string;
  /** Oldest first. */
  readonly requests: readonly ModelRequest[];
}

/** Listens on a free port of 127.0.0.1 until disposed. */
export function startFakeModelServer(): FakeModelServer {
  const requests: ModelRequest[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    // A sleeping answer must not be cut.
    idleTimeout: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (request.method === "POST" && pathname.endsWith("/chat/completions")) {
        const body: ChatRequest = JSON.parse(await request.text());
        return await complete(body, requests);
      }
      if (request.method === "POST" && pathname.endsWith("/messages")) {
        return await answerMessages(JSON.parse(await request.text()), requests);
      }
      if (request.method === "POST" && pathname.endsWith("/responses")) {
        return await answerResponses(JSON.parse(await request.text()), requests);
      }
      if (pathname.endsWith("/count_tokens")) return Response.json({ input_tokens: 10 });
      if (pathname.endsWith("/models")) {
        return Response.json({ object: "list", data: [{ id: fakeModel, object: "model" }] });
      }
      return new Response("{}", { status: 404 });
    },
  });
  return {
    baseUrl: `http://127.0.0.1:${server.port}/v1`,
    requests,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

interface ChatMessage {
  role: string;
  content: string | { type: string; text?: string }[];
}

interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  stream?: boolean;
  tools?: unknown[];
}

async function complete(body: ChatRequest, requests: ModelRequest[]): Promise<Response> {
  const prompt = textOf(body.messages.findLast(({ role }) => role === "user"));
  // Beside a turn: opencode has a title made of the first prompt.
  if ((body.tools ?? []).length === 0) return answer(body, "chatcmpl-0", "fake");
  requests.push({
    prompt,
    model: body.model,
    messages: body.messages.length,
    receivedAt: Date.now(),
  });
  const number = requests.length;
  const status = directive(prompt, "error");
  if (status !== undefined) {
    return Response.json({ error: { message: `fake ${status}` } }, { status: Number(status) });
  }
  await Bun.sleep(Number(directive(prompt, "sleep") ?? 0));
  const reply = directive(prompt, "reply") ?? `ACK ${number}`;
  const id = `chatcmpl-${number}`;
  return answer(body, id, reply);
}

function answer({ stream }: ChatRequest, id: string, reply: string): Response {
  return stream === true ? streamed(id, reply) : whole(id, reply);
}

function textOf(message: ChatMessage | undefined): string {
  if (message === undefined) return "";
  if (typeof message.content === "string") return message.content;
  return message.content.map(({ text }) => text ?? "").join("\n");
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

function whole(id: string, content: string): Response {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  return Response.json({ id, object: "chat.completion", model: fakeModel, choices, usage });
}

/** Server-sent events, as the OpenAI API streams a completion. */
function streamed(id: string, content: string): Response {
  const chunk = (delta: object, finish: string | null) => ({
    id,
    object: "chat.completion.chunk",
    model: fakeModel,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const chunks = [
    chunk({ role: "assistant", content: "" }, null),
    chunk({ content }, null),
    { ...chunk({}, "stop"), usage },
  ];
  const events = [...chunks.map((data) => JSON.stringify(data)), "[DONE]"];
  return new Response(events.map((data) => `data: ${data}\n\n`).join(""), {
    headers: { "content-type": "text/event-stream" },
  });
}
