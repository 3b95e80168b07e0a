// A report costs its agent no wait for the disk that the next one could do without.
import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { runCommand } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";

test("a report stays in the log of the store, which is folded in by whoever comes after", async () => {
  using home = tempHome();
  const binary = await mosaicBinary();
  const env = {
    HOME: home.path,
    PATH: "/usr/bin:/bin",
    MOSAIC_AGENT: "lead",
    MOSAIC_INSTANCE: "0123abcd",
  };
  const log = home.at(".local/state/mosaic/state.db-wal");
  let before = 0;
  for (const event of ["SessionStart", "UserPromptSubmit", "Stop"]) {
    const ended = await runCommand([binary, "hook", "run", event], {
      env,
      stdin: JSON.stringify({ session_id: "s", prompt: "p" }),
    });
    expect(ended).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    // It grows from one report to the next: none of them has folded it in.
    expect(statSync(log).size).toBeGreaterThan(before);
    before = statSync(log).size;
  }
  const seen = await runCommand([binary, "agent", "messages", "--json"], { env });
  expect(seen.exitCode).toBe(0);
  expect(() => statSync(log)).toThrow("ENOENT");
});
