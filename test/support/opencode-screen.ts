// opencode's screen as our extension sees it (api of 1.18.33), in a process of its own: run by test/messages/opencode-tui.test.ts
// with a conversation, and whether opencode refuses what it is asked, as JSON on standard input. Prints each text that the extension hands over, one a line; ends by itself.
const file = `${import.meta.dir}/../../framework/hooks/opencode/mosaic-tui.js`;

interface Entry {
  role: "user" | "assistant";
  time: { created: number; completed?: number };
}

const extension: { default: { tui: (api: object) => Promise<void> } } = await import(file);
const given: { conversation: Entry[]; refuses?: "prompt" | "session" } = JSON.parse(
  await Bun.stdin.text(),
);
const { conversation: before, refuses } = given;
const stops: (() => void)[] = [];

await extension.default.tui({
  route: {
    current:
      refuses === "session" ? { name: "home" } : { name: "session", params: { sessionID: "s1" } },
    navigate() {},
  },
  state: {
    ready: true,
    session: {
      get: () => {},
      status: () => ({ type: "idle" }),
      permission: () => [],
      question: () => [],
      messages: () => before,
    },
  },
  client: {
    session: {
      // As its generated client does: a fault of the server is no exception.
      async create(): Promise<object> {
        return {
          error: { name: "Unknown", data: { message: "no\ndisk" } },
          response: { status: 500 },
        };
      },
      async promptAsync({ parts }: { parts: { text: string }[] }): Promise<object | undefined> {
        if (refuses === "prompt") return { error: { message: "bad" }, response: { status: 400 } };
        process.stdout.write(`${parts.map(({ text }) => text).join("")}\n`);
        return undefined;
      },
    },
  },
  event: { on() {} },
  lifecycle: { onDispose: (stop: () => void) => stops.push(stop) },
});
// Two looks of the extension at its folder, and the start.
setTimeout(() => {
  for (const stop of stops) stop();
}, 300);
