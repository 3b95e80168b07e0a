// What `mosaic hook run` adds to a step of Claude Code, beside `true` started the same way: by a shell, with the event's
// JSON on standard input. Run: npm run build && bun run test/bench/hook.ts
import { entryCommand } from "../../src/domain/claude-entries.ts";
import { defaultHooksConfig } from "../../src/domain/hooks-config.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { runCommand } from "../support/run-command.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";
import { medianOf, printGoal, printTimings, race } from "./measure.ts";

const rounds = 200;

const event = "PreToolUse";

const payload = JSON.stringify({
  session_id: "bench",
  hook_event_name: event,
  cwd: "/tmp",
  tool_name: "Write",
  tool_input: { file_path: "/tmp/notes.txt", content: "x".repeat(4000) },
});

using none = tempHome();
using guard = tempHome();
using command = tempHome();
using agent = tempHome();
const binary = await mosaicBinary();

none.write(".claude/hooks-config.json", defaultHooksConfig());
guard.write(
  ".claude/hooks-config.json",
  defaultHooksConfig().replaceAll('"enabled": false', '"enabled": true'),
);
const own = { id: "own", events: [event], command: "true" };
command.write(".claude/hooks-config.json", JSON.stringify({ version: 1, hooks: [own] }));

const entry = entryCommand(event, { self: [binary], claudeHome: undefined });
const report = `${binary} hook run PostToolUse`;
const agentEnv = { MOSAIC_AGENT: "bench", MOSAIC_INSTANCE: "0123abcd" };

function contender(name: string, script: string, home: TempHome, more = {}) {
  const env = { HOME: home.path, PATH: "/usr/bin:/bin", ...more };
  const run = async () => {
    const { exitCode, stderr } = await runCommand(["/bin/sh", "-c", script], {
      env,
      stdin: payload,
    });
    if (exitCode !== 0) throw new Error(`${name}: exit ${exitCode}: ${stderr}`);
  };
  return { name, run };
}

const timings = await race(
  [
    contender("true", "true", none),
    contender("mosaic --version", `exec ${binary} --version`, none),
    contender("no hook is on for it", entry, none),
    contender("guard and log, built in", entry, guard),
    contender("a command hook, `true`", entry, command),
    contender("an agent reports (state.db)", report, agent, agentEnv),
  ],
  { rounds, warmUps: 10 },
);
printTimings(`mosaic hook run, ${rounds} runs each`, timings, "true");
const base = medianOf(timings, "true");
for (const name of [
  "no hook is on for it",
  "guard and log, built in",
  "an agent reports (state.db)",
]) {
  printGoal(`${name}: at most 10 ms more than true`, medianOf(timings, name) - base <= 10);
}
