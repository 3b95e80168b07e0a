// A model server on loopback for real agent CLIs: speaks OpenAI chat completions and responses, and Anthropic messages,
// with streaming; logs each prompt as received, and answers by the directives that stand in it. Costs no token, needs no network.
//   [[reply=TEXT]]  answers TEXT        [[sleep=MS]]  waits before it answers        [[error=529]]  that HTTP status
//   [[tool=NAME {json}]]  wants to use that tool first
import { answerMessages } from "./fake-anthropic.ts";
import { answerChat } from "./fake-chat.ts";
import { answerResponses } from "./fake-responses.ts";
import { fakeModel, type ModelRequest } from "./fake-model.ts";

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
        return await answerChat(JSON.parse(await request.text()), requests);
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
