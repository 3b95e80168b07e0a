// A HOME in which opencode starts offline and talks to the fake model server. For opencode 1.18.33, measured (research on
// agents, B2).
import { fakeModel } from "./fake-model.ts";
import type { FakeModelServer } from "./fake-model-server.ts";
import type { TempHome } from "./temp-home.ts";

/** Environment that it needs besides HOME and PATH. */
export const opencodeEnv = { OPENCODE_DISABLE_MODELS_FETCH: "1" } as const;

/** Its settings; it asks before it runs a command. */
export function seedOpencodeHome(
  home: Pick<TempHome, "write">,
  { model, at }: { model: FakeModelServer; at: string },
): void {
  const provider = {
    npm: "@ai-sdk/openai-compatible",
    name: "Fake",
    options: { baseURL: model.baseUrl, apiKey: "dummy" },
    models: { [fakeModel]: { name: "Fake 1", tool_call: true } },
  };
  const settings = {
    provider: { fake: provider },
    model: `fake/${fakeModel}`,
    small_model: `fake/${fakeModel}`,
    permission: { bash: "ask" },
    share: "disabled",
  };
  home.write(`${at}.config/opencode/opencode.json`, JSON.stringify(settings));
}
