// A HOME in which pi starts without any first dialog, offline, and talks to the fake model server.
// The files and settings are those of pi 0.87.1, measured (research on agents, B2).
import { runtimes } from "../../src/domain/runtimes.ts";
import { firstRunJson } from "./first-run-files.ts";
import { fakeModel } from "./fake-model.ts";
import type { FakeModelServer } from "./fake-model-server.ts";
import type { TempHome } from "./temp-home.ts";

/** Environment that pi needs besides HOME and PATH: it must not look for downloads. */
export const piEnv = { PI_OFFLINE: "1" } as const;

/** Writes pi's settings into the home. */
export function seedPiHome(home: Pick<TempHome, "write">, model: FakeModelServer): void {
  const provider = {
    baseUrl: model.baseUrl,
    api: "openai-completions",
    apiKey: "dummy",
    models: [{ id: fakeModel }],
  };
  const settings = {
    defaultProvider: "fake",
    defaultModel: fakeModel,
    defaultThinkingLevel: "off",
    ...firstRunJson(runtimes.pi.firstRun, ".pi/agent/settings.json", { workdir: "", apiKey: "" }),
    enableInstallTelemetry: false,
    retry: { enabled: false },
  };
  home.write(".pi/agent/models.json", JSON.stringify({ providers: { fake: provider } }));
  home.write(".pi/agent/settings.json", JSON.stringify(settings));
}
