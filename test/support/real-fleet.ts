// Some real agents alone, each called as its runtime, in a fleet of their own, with our fake model server.
import { installAgents } from "./agents.ts";
import { type CanaryFleet, canaryFleet } from "./canary-fleet.ts";
import { claudeEnv, seedClaudeHome } from "./claude-home.ts";
import { codexEnv, seedCodexHome } from "./codex-home.ts";
import { type FakeModelServer, startFakeModelServer } from "./fake-model-server.ts";
import { opencodeEnv, seedOpencodeHome } from "./opencode-home.ts";
import { piEnv, seedPiHome } from "./pi-home.ts";
import { tempHome, type TempHome } from "./temp-home.ts";

export type RealAgent = "pi" | "claude" | "codex" | "opencode";

export interface RealFleet extends CanaryFleet {
  model: FakeModelServer;
  dir: TempHome;
}

export interface RealFleetOptions {
  /** argv that runs mosaic; default: the built program. */
  self?: readonly string[];
  /** Called before the fleet is started; the home is `home/` in it. */
  prepare?: (dir: TempHome) => void;
}

/** Started, and ready to be waited for. `await using` ends it. */
export async function realFleet(
  names: readonly RealAgent[],
  { prepare, ...options }: RealFleetOptions = {},
): Promise<RealFleet> {
  const agents = await installAgents();
  const model = startFakeModelServer();
  const dir = tempHome();
  const env = {
    pi: piEnv,
    claude: claudeEnv(model),
    codex: codexEnv,
    opencode: opencodeEnv,
  };
  seedPiHome({ write: (path, ...rest) => dir.write(`home/${path}`, ...rest) }, model);
  seedCodexHome(dir, { model, at: "home/", folder: dir.path });
  seedOpencodeHome(dir, { model, at: "home/" });
  seedClaudeHome(dir, { at: "home/", folder: dir.path });
  prepare?.(dir);
  const args = { pi: "", claude: "", codex: "--no-alt-screen", opencode: "" };
  const roster = names.map(
    (name) =>
      `{ name: ${name}, runtime: ${name}, args: [${args[name]}], env: ${JSON.stringify(env[name])} }`,
  );
  const fleet = await canaryFleet(`[${roster.join(", ")}]`, {
    dir,
    env: { PATH: `${agents.path}:/usr/bin:/bin` },
    ...options,
  });
  return {
    ...fleet,
    model,
    dir,
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]();
      model[Symbol.dispose]();
    },
  };
}
