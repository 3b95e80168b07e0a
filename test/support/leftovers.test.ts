// The check after a run: it finds what carries the run's marks, by name, and removes it.
import { createServer } from "node:net";
import { existsSync, mkdirSync } from "node:fs";
import { expect, test } from "bun:test";
import { eventually } from "./eventually.ts";
import { findLeftovers, removeLeftovers } from "./leftovers.ts";
import { argvOf, isRunning } from "./processes.ts";
import { tempHome } from "./temp-home.ts";

test("a clean run leaves nothing to name", () => {
  using home = tempHome();
  expect(findLeftovers({ id: "leftovers-clean", tmpDir: home.path })).toEqual([]);
});

test("processes are found by environment or argv, folders and sockets by place; all are removed", async () => {
  using home = tempHome();
  const run = { id: "leftovers-test", tmpDir: home.path };
  const marked = Bun.spawn(["sleep", "1000"], { env: { MOSAIC_TEST_RUN: run.id } });
  const named = Bun.spawn(["tail", "-f", home.write("log", "")], { env: {} });
  mkdirSync(home.at("deep"));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(home.at("deep/socket"), resolve));

  // Between fork and exec a child still looks like the test itself.
  await eventually(() => argvOf(marked.pid)[0] === "sleep" && argvOf(named.pid)[0] === "tail");

  expect(findLeftovers(run).toSorted()).toEqual(
    [
      `process ${marked.pid}: sleep 1000`,
      `process ${named.pid}: tail -f ${home.path}/log`,
      `socket: ${home.path}/deep/socket`,
      `temporary: ${home.path}/deep`,
      `temporary: ${home.path}/log`,
    ].toSorted(),
  );
  server.close();
  await removeLeftovers(run);
  // A process that was killed is there until the kernel has got round to it.
  await eventually(() => ![marked.pid, named.pid].some(isRunning));
  expect(existsSync(home.path)).toBe(false);
});
