// A tail that is open: collects what arrives, until it is closed.
import type { TestGateway } from "./gateway.ts";

export interface LiveTail {
  status: number;
  lines: string[];
  ids: string[];
  /** Names of events other than `line`, in their order. */
  events: string[];
  hasEnded: boolean;
  close(): void;
}

export async function liveTail(
  { url }: TestGateway,
  {
    agent,
    query = "",
    headers,
  }: { agent: string; query?: string; headers: Record<string, string> },
): Promise<LiveTail> {
  const stop = new AbortController();
  const { signal } = stop;
  const response = await fetch(`${url}/api/v1/agents/${agent}/tail${query}`, { headers, signal });
  const tail: LiveTail = {
    status: response.status,
    lines: [],
    ids: [],
    events: [],
    hasEnded: false,
    close: () => stop.abort(),
  };
  if (response.status !== 200) return tail;
  void (async () => {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk, { stream: true });
      const blocks = rest.split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) take(tail, block);
    }
  })()
    .catch(() => undefined)
    .finally(() => (tail.hasEnded = true));
  return tail;
}

function take(tail: LiveTail, block: string): void {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
  const event = field("event");
  if (event === "line") {
    tail.lines.push(JSON.parse(field("data")).text);
    tail.ids.push(field("id"));
  } else if (event !== "") tail.events.push(event);
}
