// `doctor --fix`: what is safe is mended, and nothing else.
import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type Check, mendedBy, ok, problem, warning } from "../../src/doctor/check.ts";
import { checks as everyCheck } from "../../src/doctor/checks.ts";
import { runDoctor } from "../../src/doctor/run.ts";
import { AppError } from "../../src/errors.ts";
import { extractFramework } from "../../src/fleet/framework.ts";
import { installHooks } from "../../src/hooks/install.ts";
import { rest } from "../support/fake-exec.ts";
import { doctorContext, real } from "./examine.ts";

function check(id: string, run: Check["run"]): Check {
  return { id, title: id, needs: "nothing", run };
}

function noRoom(): Promise<void> {
  return Promise.reject(new AppError("no room"));
}

describe("--fix", () => {
  test("mends what is safe, tells it, and looks again", async () => {
    using ctx = doctorContext();
    let isBroken = true;
    const mended = check("mended", async () => {
      const run = async () => {
        isBroken = false;
      };
      return isBroken
        ? mendedBy(problem("broken", "mend it"), { what: "mend it", run })
        : ok("well");
    });
    const hopeless = check("hopeless", async () =>
      mendedBy(warning("odd"), { what: "make room", run: noRoom }),
    );
    const checks = [mended, hopeless];
    expect(await runDoctor(ctx, { json: false, fix: true, checks })).toBe(0);
    expect(ctx.stderr).toBe("fixed: mend it\nnot fixed: make room: no room\n");
    expect(ctx.stdout).toContain("ok       mended");
  });

  test("folders, tools and hooks of a real home are mended, and edited files are not", async () => {
    using fake = doctorContext();
    fake.files = { ...fake.files, isExecutable: async () => true };
    await installHooks(fake, { dryRun: false });
    await extractFramework(fake, { force: false });
    const tmuxConf = fake.home.at(".config/mosaic/fleet/tmux.conf");
    writeFileSync(tmuxConf, "# mine");
    rmSync(fake.home.at(".config/mosaic/tools"), { recursive: true });
    chmodSync(fake.home.at(".config/mosaic"), 0o755);
    fake.home.write(".claude/settings.json", "{}");
    fake.allowExec(["/bin/sh", "-c", rest], real());
    fake.allowExec(["chmod", rest], real());
    const checks = everyCheck.filter(({ id }) =>
      ["permissions", "framework", "claude-hooks"].includes(id),
    );
    await runDoctor(fake, { json: false, fix: true, checks });
    expect(statSync(fake.home.at(".config/mosaic")).mode & 0o777).toBe(0o700);
    expect(readFileSync(tmuxConf, "utf8")).toBe("# mine");
    expect(fake.home.read(".claude/settings.json")).toContain("hook run Stop --claude");
    expect(fake.home.read(".config/mosaic/tools/tmux/agent-send.sh")).toContain("#!/bin/sh");
    expect(fake.stderr.split("\n").filter((line) => line.startsWith("fixed: "))).toHaveLength(3);
  });
});
