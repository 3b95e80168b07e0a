// The events of a pi (0.87.1) as our extension gets them, in a process of its own: run by test/messages/pi-turns.test.ts with
// the names and the payloads as JSON on standard input. Ends when all is reported.
const file = `${import.meta.dir}/../../framework/hooks/pi/mosaic.js`;

type Handler = (payload: object, ctx: object) => Promise<void> | undefined;

const handlers = new Map<string, Handler>();
const pi = { on: (event: string, handler: Handler) => handlers.set(event, handler) };
const session = { isIdle: () => false, sessionManager: { getSessionId: () => "s1" } };

const extension: { default: (api: object) => void } = await import(file);
extension.default(pi);
const events: [string, object?][] = JSON.parse(await Bun.stdin.text());
for (const [event, payload = {}] of [["session_start"] as const, ...events]) {
  await handlers.get(event)?.(payload, session);
}
// It waits for its reports.
await handlers.get("session_shutdown")?.({}, session);
