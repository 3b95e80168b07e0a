// Answers of tmux and systemctl as the fleet's use cases see them under systemd, for the fake context.
import type { FakeContext } from "./fake-context.ts";
import { rest } from "./fake-exec.ts";

export const rosterText = `version: 1
socket: mosaic-factory
defaults: { runtime: command, workdir: / }
agents:
  - { name: one, args: [cat] }
  - { name: two, args: [cat] }
`;

/** Puts the roster where the site has it. */
export function writeRoster(ctx: FakeContext, text = rosterText): void {
  ctx.home.write(".config/mosaic/fleet/roster.yaml", text);
}

export interface PaneStub {
  session: string;
  agent?: string;
  pid?: number;
  isDead?: boolean;
}

/** The answer of list-panes: fields in the order of fleet/observe.ts. */
export function paneLines(
  ctx: FakeContext,
  panes: readonly PaneStub[],
  home = ctx.paths.config,
): string {
  const lines = [{ session: "_holder", agent: "" }, ...panes].map((pane: PaneStub, index) =>
    [
      home,
      pane.session,
      pane.agent ?? pane.session,
      "abc",
      `%${index}`,
      pane.pid ?? 100 + index,
      pane.isDead ? 1 : 0,
      0,
      1000,
    ].join("\t"),
  );
  return `${lines.join("\n")}\n`;
}

/** tmux lists these panes, however often it is asked. */
export function stubPanes(ctx: FakeContext, panes: readonly PaneStub[], home?: string): void {
  ctx.allowExec(isListPanes, { stdout: paneLines(ctx, panes, home) });
}

/** systemctl lists these units and shows those that do not run, by agent: `Key=value` lines. */
export function stubUnits(
  ctx: FakeContext,
  units: Readonly<Record<string, Record<string, string>>>,
): void {
  const lines = Object.entries(units).map(([name, values]) =>
    ["mosaic-agent@", name, ".service loaded ", values["ActiveState"], " x Mosaic agent"].join(""),
  );
  ctx.allowExec(["systemctl", "--user", "list-units", rest], { stdout: lines.join("\n") });
  const blocks = Object.entries(units).map(([name, values]) =>
    [
      `Id=mosaic-agent@${name}.service`,
      "LoadState=loaded",
      ...Object.entries(values).map(([key, value]) => `${key}=${value}`),
    ].join("\n"),
  );
  ctx.allowExec(["systemctl", "--user", "show", "--timestamp=unix", rest], {
    stdout: blocks.join("\n\n"),
  });
}

/** A user manager answers the probe. */
export function stubManager(
  ctx: FakeContext,
  answer: { exitCode?: number; stderr?: string } = {},
): void {
  ctx.allowExec(["systemctl", "--user", "show", "--property=Version"], answer);
}

function isListPanes(argv: readonly string[]): boolean {
  return argv[0] === "tmux" && argv.includes("list-panes");
}
