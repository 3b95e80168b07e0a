// What the APIs of the fake model server have in common: the model, its log, the directives in a prompt.

/** One request for an agent's turn. */
export interface ModelRequest {
  /** The last user message, exactly as received. */
  prompt: string;
  model: string;
  /** Number of messages in the conversation, the system prompt included. */
  messages: number;
  /** Epoch milliseconds. */
  receivedAt: number;
}

/** The one model that it has. */
export const fakeModel = "fake-1";

/** The value of a directive in a prompt; the last one, since a runtime joins a prompt to one that failed. */
export function directive(prompt: string, name: string): string | undefined {
  return [...prompt.matchAll(new RegExp(`\\[\\[${name}=([^\\]]*)\\]\\]`, "g"))].at(-1)?.[1];
}
