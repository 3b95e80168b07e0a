// The OpenAI Responses API of the fake model server, as codex 0.169.0 uses it: server-sent events and tools. Requests beside
// the turn (titles) have few tools and are not logged.
import { directive, fakeModel, type ModelRequest } from "./fake-model.ts";

interface Item {
  type?: string;
  role?: string;
  content?: { type: string; text?: string }[] | string;
}

interface ResponsesRequest {
  input: Item[] | string;
  tools?: unknown[];
}

/** What codex adds to a prompt by itself. */
const additions =
  /<(environment_context|user_instructions|permissions instructions|skills_instructions|INSTRUCTIONS)>[\s\S]*?<\/\1>\s*/g;

/** Answers one request, and logs it when it is a turn of the agent. */
export async function answerResponses(
  body: ResponsesRequest,
  requests: ModelRequest[],
): Promise<Response> {
  const isTurn = (body.tools ?? []).length > 2;
  if (!isTurn) return streamed(0, { text: "fake" });
  const input = typeof body.input === "string" ? [] : body.input;
  const isToolResult = (input.at(-1)?.type ?? "").endsWith("_call_output");
  const prompt = textOf(input.findLast(({ role }) => role === "user"));
  if (!isToolResult) {
    requests.push({ prompt, model: fakeModel, messages: input.length, receivedAt: Date.now() });
  }
  const status = directive(prompt, "error");
  if (status !== undefined) {
    return Response.json({ error: { message: `fake ${status}` } }, { status: Number(status) });
  }
  await Bun.sleep(Number(directive(prompt, "sleep") ?? 0));
  const number = requests.length;
  const tool = /\[\[tool=(\S+) (\{[\s\S]*?\})\]\]/.exec(prompt);
  if (tool !== null && !isToolResult) {
    return streamed(number, { name: tool[1] ?? "", input: tool[2] ?? "{}" });
  }
  const text = directive(prompt, "reply") ?? (isToolResult ? "TOOL DONE" : `ACK ${number}`);
  return streamed(number, { text });
}

function textOf(item: Item | undefined): string {
  const { content = "" } = item ?? {};
  const texts = typeof content === "string" ? [content] : content.flatMap(({ text }) => text ?? []);
  return texts
    .map((text) => text.replace(additions, ""))
    .filter(Boolean)
    .join("\n");
}

type Output = { text: string } | { name: string; input: string };

function streamed(number: number, output: Output): Response {
  const id = `item_${number}`;
  const item =
    "text" in output
      ? {
          type: "message",
          id,
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: output.text, annotations: [] }],
        }
      : {
          type: "function_call",
          id,
          call_id: `call_${number}`,
          name: output.name,
          arguments: output.input,
          status: "completed",
        };
  const usage = {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 15,
  };
  const common = { id: `resp_${number}`, object: "response", created_at: 0, model: fakeModel };
  const events = [
    { type: "response.created", response: { ...common, status: "in_progress", output: [] } },
    { type: "response.output_item.done", output_index: 0, item },
    {
      type: "response.completed",
      response: { ...common, status: "completed", output: [item], usage },
    },
  ];
  const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  return new Response(text.join(""), { headers: { "content-type": "text/event-stream" } });
}
