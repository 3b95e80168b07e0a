// A HOME in which codex starts without any first dialog, offline, and talks to the fake model server. For codex 0.169.0,
// measured (research on agents, B2).
import { runtimes } from "../../src/domain/runtimes.ts";
import { firstRunToml } from "./first-run-files.ts";
import { fakeModel } from "./fake-model.ts";
import type { FakeModelServer } from "./fake-model-server.ts";
import type { TempHome } from "./temp-home.ts";

/** Environment that it needs besides HOME and PATH. */
export const codexEnv = { FAKE_KEY: "dummy" } as const;

/** Its settings; `folder` is where it is started. It asks before it runs a command. */
export function seedCodexHome(
  home: Pick<TempHome, "write">,
  { model, at, folder }: { model: FakeModelServer; at: string; folder: string },
): void {
  const settings = [
    `model = "${fakeModel}"`,
    'model_provider = "fake"',
    'approval_policy = "on-request"',
    'sandbox_mode = "read-only"',
    "[model_providers.fake]",
    'name = "fake"',
    `base_url = "${model.baseUrl}"`,
    'wire_api = "responses"',
    'env_key = "FAKE_KEY"',
    "request_max_retries = 1",
    ...firstRunToml(runtimes.codex.firstRun, ".codex/config.toml", { workdir: folder, apiKey: "" }),
    "",
  ];
  home.write(`${at}.codex/config.toml`, settings.join("\n"));
}
