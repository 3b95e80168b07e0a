// Which scripts a new supervisor may detach, on real processes: those of the one before it, and nobody else's.
import { expect, test } from "bun:test";
import { processes } from "../../../src/adapters/processes.ts";
import { spawn } from "../../../src/adapters/spawn.ts";
import type { Context } from "../../../src/context.ts";
import { toolFiles } from "../../../src/domain/names.ts";
import { detachLeftovers } from "../../../src/supervisors/builtin/leftovers.ts";
import { eventually } from "../../support/eventually.ts";
import { fakeContext } from "../../support/fake-context.ts";
import { isRunning } from "../../support/processes.ts";

/** Holds its lock as the real one does, until a signal comes. */
const script = `state=\${XDG_STATE_HOME:-$HOME/.local/state}/mosaic/agents/$1
mkdir -p "$state"
exec 9>"$state/lock"
flock -n 9 || exit 75
echo locked
sleep 1000 9>&- &
trap 'kill $!; exit 0' TERM
wait
`;

test("a script of the same path with another lock file, and systemd's, are left alone", async () => {
  using fake = fakeContext({ clock: "auto" });
  const ctx: Context = { ...fake, paths: fake.paths, processes };
  const path = toolFiles(ctx.paths).startAgentSession;
  fake.home.write(path.slice(fake.home.path.length + 1), script);
  const start = async (agent: string, env: Record<string, string>) => {
    const locked = Promise.withResolvers<string>();
    const child = spawn(["sh", path, agent], {
      env: { PATH: "/usr/bin:/bin", HOME: fake.home.path, MOSAIC_SUPERVISOR: "builtin", ...env },
      onLine: locked.resolve,
    });
    expect(await locked.promise).toBe("locked");
    return child;
  };
  const ours = await start("one", {});
  // What another container's script looks like from here: the same argv, another file.
  const elsewhere = await start("one", { XDG_STATE_HOME: fake.home.at("elsewhere") });
  const systemd = await start("two", { MOSAIC_SUPERVISOR: "systemd" });

  expect(await detachLeftovers(ctx)).toEqual(["one"]);
  await eventually(() => !isRunning(ours.pid));
  expect([elsewhere, systemd].map(({ pid }) => isRunning(pid))).toEqual([true, true]);
  for (const child of [elsewhere, systemd]) child.kill("SIGTERM");
  await Promise.all([ours, elsewhere, systemd].map((child) => child.exited));
});
