// A small framework in several versions, on a home that outlives them all.
import { readdirSync, statSync } from "node:fs";
import { fakeContext, type FakeContext } from "./fake-context.ts";
import type { TempHome } from "./temp-home.ts";

export const tool = "tools/tmux/agent-send.sh";
export const conf = "fleet/tmux.conf";
export const backup = ".bak-20260131T235959Z";

/** A program of some version, on a host that keeps its home between versions. */
export function program(
  home: TempHome,
  version: string,
  extra: Record<string, string> = {},
): FakeContext {
  const assets = {
    [tool]: `#!/bin/sh\n# ${version}\n`,
    [conf]: `# ${version}\n`,
    "fleet/examples/demo.yaml": "version: 1\n",
    "systemd/user/mosaic-agent@.service": "[Unit]\n",
    "completions/mosaic.bash": "",
    "completions/mosaic.sh": "",
    ...extra,
  };
  const ctx = fakeContext({ home, assets, host: { version } });
  ctx.clock.now = () => Date.parse("2026-01-31T23:59:59.123Z");
  return ctx;
}

export const at = (path: string) => `.config/mosaic/${path}`;
export const mode = (home: TempHome, path: string) => statSync(home.at(at(path))).mode & 0o777;
export const record = (home: TempHome): unknown => JSON.parse(home.read(at("install.json")));

/** Every file below the config folder, sorted. */
export function tree(home: TempHome): string[] {
  const root = home.at(at(""));
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll("//", "/").slice(root.length))
    .toSorted();
}
