// A HOME in which Claude Code starts without any first dialog, offline, and talks to the fake model server.
// The seed is that of the table of runtimes.
import { runtimes } from "../../src/domain/runtimes.ts";
import { firstRunJson } from "./first-run-files.ts";
import type { FakeModelServer } from "./fake-model-server.ts";
import type { TempHome } from "./temp-home.ts";

const apiKey = "sk-ant-dummy-000000000000000000000000000000000000";

/** Environment that it needs besides HOME and PATH. Its base URL is the server without `/v1`. */
export function claudeEnv({ baseUrl }: FakeModelServer): Readonly<Record<string, string>> {
  return {
    ANTHROPIC_BASE_URL: baseUrl.replace(/\/v1$/, ""),
    ANTHROPIC_API_KEY: apiKey,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN: "1",
    CLAUDE_CODE_MAX_RETRIES: "1",
  };
}

/** What it needs to have been asked before; `folder` is where it is started. */
export function seedClaudeHome(
  home: Pick<TempHome, "write">,
  { at, folder }: { at: string; folder: string },
): void {
  const { firstRun } = runtimes.claude;
  const seen = firstRunJson(firstRun, ".claude.json", { workdir: folder, apiKey });
  home.write(`${at}.claude.json`, JSON.stringify(seen));
}
