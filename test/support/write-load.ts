// Messages to agents that are down, as fast as a gateway takes them, whatever happens to it meanwhile.
import { Database } from "bun:sqlite";
import type { TestGateway } from "./gateway.ts";

/** As many as the queues of these agents hold (src/domain/damping.ts). */
export const perAgent = 100;

/** A roster's list of agents that nobody starts. */
export function idleAgents(count: number): { names: string[]; yaml: string } {
  const names = Array.from({ length: count }, (_, index) => `idle-${index}`);
  return { names, yaml: names.map((name) => `\n  - { name: ${name}, runtime: canary }`).join("") };
}

export interface WriteLoad {
  /** By key: the id that was answered with 202. */
  answered: Map<string, string>;
  /** What else came: a status, or `refused` when nobody listened. */
  others: Map<string, number>;
  /** Every message is answered by now. */
  done: Promise<void>;
}

/** Each message has its key, and is sent again with it until it is answered. */
export function writeLoad(
  gateway: TestGateway,
  { names, token, writers }: { names: readonly string[]; token: string; writers: number },
): WriteLoad {
  const answered = new Map<string, string>();
  const others = new Map<string, number>();
  const work = names.flatMap((name) =>
    Array.from({ length: perAgent }, (_, index) => ({ name, key: `${name}-${index}` })),
  );
  const write = async (): Promise<void> => {
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      while (!(await send(next))) await Bun.sleep(20);
    }
  };
  const send = async ({ name, key }: { name: string; key: string }): Promise<boolean> => {
    const answer = await gateway
      .ask(`/api/v1/agents/${name}/messages`, {
        token,
        body: { text: `message ${key}` },
        headers: { "idempotency-key": key },
      })
      .catch(() => undefined);
    if (answer?.status === 202) {
      answered.set(key, answer.json.id);
      return true;
    }
    const what = String(answer?.status ?? "refused");
    others.set(what, (others.get(what) ?? 0) + 1);
    return false;
  };
  const done = Promise.all(Array.from({ length: writers }, write)).then(() => undefined);
  return { answered, others, done };
}

/** Ids of all messages in a state.db, or in another SQLite file with such a table. */
export function messageIds(path: string): string[] {
  using database = new Database(path, { readonly: true });
  return database
    .query<{ id: string }, []>("SELECT id FROM messages")
    .all()
    .map(({ id }) => id);
}
