// Which processes `stop` takes for the agent's where there is no control group. The function is cut out of the script
// and only asked, nothing is signalled: a wrong answer here once was every process of the machine.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { outputOf } from "../support/run-command.ts";

const script = readFileSync(
  `${import.meta.dir}/../../framework/tools/fleet/start-agent-session.sh`,
  "utf8",
);
const [agentPids = ""] = /^agent_pids\(\) \{[\s\S]*?^\}$/m.exec(script) ?? [];

async function ask(instance: string, wrapper: string): Promise<number[]> {
  const said = await outputOf([
    "sh",
    "-uc",
    `${agentPids}\ninstance=$1 wrapper=$2\nagent_pids`,
    "sh",
    instance,
    wrapper,
  ]);
  return said.split("\n").filter(Boolean).map(Number);
}

const nobody = "0123456789abcdef0123456789abcdef";
const own = String(process.pid);

test.each([
  ["the wrapper is gone", nobody, ""],
  ["the wrapper is 0, which is the parent of pid 1", nobody, "0"],
  ["the wrapper is pid 1", nobody, "1"],
  ["the wrapper's pid is now somebody else's", nobody, own],
  ["the instance is empty", "", own],
  ["the instance is a pattern", ".*", own],
])("nobody is chosen when %s", async (_, instance, wrapper) => {
  expect(agentPids).not.toBe("");
  expect(await ask(instance, wrapper)).toEqual([]);
});

test("chosen are the marked ones and what is below them, but not the wrapper", async () => {
  const instance = crypto.randomUUID().replaceAll("-", "");
  // Marked: the wrapper, its child, and a child of another parent. Scrubbed: a grandchild of the wrapper.
  const wrapper = Bun.spawn(
    ["sh", "-c", "(setsid sleep 100 &) ; env -i sleep 100 & sleep 100 & echo up; wait"],
    { env: { PATH: "/usr/bin:/bin", MOSAIC_INSTANCE: instance }, stdout: "pipe" },
  );
  const chosen = await eventually(async () => sleeps(await ask(instance, String(wrapper.pid))), {
    until: (pids) => pids.length === 3,
    what: "three processes of the agent",
  });
  expect(chosen).not.toContain(wrapper.pid);
  for (const pid of chosen) process.kill(pid, "SIGKILL");
  await wrapper.exited;
});

/** Those that have become the program of the test already. */
function sleeps(pids: readonly number[]): number[] {
  return pids.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8") === "sleep\x00100\x00");
}
