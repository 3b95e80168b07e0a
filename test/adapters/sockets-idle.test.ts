// Alone in its file, so that other files run beside it: the limit that it must outlast cannot be made shorter.
import { expect, test } from "bun:test";
import { sockets } from "../../src/adapters/sockets.ts";
import { tempHome } from "../support/temp-home.ts";

/** When Bun.serve cuts a quiet request by default: its idleTimeout of 10 s, checked every 4 s (measured). */
const cutAfterMs = 12_000;

test("an answer may take longer than Bun's idle timeout of 10 s", async () => {
  using home = tempHome();
  const server = await sockets.serve(home.at("s"), async () => {
    await Bun.sleep(cutAfterMs + 1_000);
    return { status: 200, body: "done" };
  });
  const answer = await sockets.request(home.at("s"), {
    method: "POST",
    path: "/",
    timeoutMs: 20_000,
  });
  await server.close();
  expect(answer).toEqual({ status: 200, body: "done" });
}, 25_000);
