// How doctor runs its checks, prints what they found, and ends.
import { describe, expect, test } from "bun:test";
import { type Check, type CheckResult, ok, problem, warning } from "../../src/doctor/check.ts";
import { checks } from "../../src/doctor/checks.ts";
import { runDoctor } from "../../src/doctor/run.ts";
import { AppError } from "../../src/errors.ts";
import { doctorContext, silentManagers } from "./examine.ts";

function check(id: string, run: Check["run"], needs: Check["needs"] = "nothing"): Check {
  return { id, title: id, needs, run };
}

const fine = check("fine", async () => ok("all well"));
const odd = check("odd", async () => warning("looks odd\nin two ways", "look\nlook again"));
async function never(): Promise<CheckResult> {
  throw new Error("ran");
}

const broken = check("broken", async () => problem("it broke", "mend it"));

describe("doctor", () => {
  test("prints ok lines short, and what is wrong with the commands that mend it", async () => {
    using ctx = doctorContext();
    const exitCode = await runDoctor(ctx, { json: false, checks: [fine, odd, broken] });
    expect({ exitCode, stdout: ctx.stdout, stderr: ctx.stderr }).toEqual({
      exitCode: 3,
      stdout: [
        "ok       fine    all well",
        "warning  odd     looks odd",
        "                 in two ways",
        "         fix: look",
        "         fix: look again",
        "PROBLEM  broken  it broke",
        "         fix: mend it",
        "",
        "1 problem, 1 warning",
        "",
      ].join("\n"),
      stderr: "",
    });
    ctx.done();
  });

  test.each([
    { found: [fine], exitCode: 0, last: "healthy" },
    { found: [fine, odd, odd], exitCode: 0, last: "healthy, 2 warnings" },
    { found: [broken, broken], exitCode: 3, last: "2 problems" },
  ])("ends with $exitCode and says: $last", async ({ found, exitCode, last }) => {
    using ctx = doctorContext();
    expect(await runDoctor(ctx, { json: false, checks: found })).toBe(exitCode);
    expect(ctx.stdout.trimEnd().split("\n").at(-1)).toBe(last);
  });

  test("--json is one document with a schemaVersion", async () => {
    using ctx = doctorContext();
    expect(await runDoctor(ctx, { json: true, checks: [fine, broken] })).toBe(3);
    expect(JSON.parse(ctx.stdout)).toEqual({
      schemaVersion: 1,
      version: "0.0.0",
      commit: "abc1234",
      ok: false,
      problems: 1,
      warnings: 0,
      checks: [
        { id: "fine", title: "fine", status: "ok", detail: "all well", fix: "" },
        { id: "broken", title: "broken", status: "problem", detail: "it broke", fix: "mend it" },
      ],
    });
  });

  test("what a check throws is a problem of that check, and the others go on", async () => {
    using ctx = doctorContext();
    const faults = [
      check("fault", async () => {
        throw new AppError("cannot stat it: permission denied", { hint: "ls -ld it" });
      }),
      check("bug", async () => {
        throw new TypeError("x is not a function");
      }),
      fine,
    ];
    expect(await runDoctor(ctx, { json: true, checks: faults })).toBe(3);
    expect(JSON.parse(ctx.stdout).checks).toEqual([
      {
        id: "fault",
        title: "fault",
        status: "problem",
        detail: "cannot stat it: permission denied",
        fix: "ls -ld it",
      },
      {
        id: "bug",
        title: "bug",
        status: "problem",
        detail: "the check itself failed, which is a bug in mosaic: TypeError: x is not a function",
        fix: "",
      },
      { id: "fine", title: "fine", status: "ok", detail: "all well", fix: "" },
    ]);
  });

  test("without a roster, and without a home, what needs it is skipped and not called ok", async () => {
    const both = [check("one", never, "home"), check("two", never, "roster")];
    using homeless = doctorContext({ env: { HOME: undefined } });
    await runDoctor(homeless, { json: false, checks: both });
    expect(homeless.stdout).toContain(
      "warning  one  skipped: no home folder\nwarning  two  skipped: no home folder\n",
    );
    using rosterless = doctorContext();
    await runDoctor(rosterless, { json: false, checks: both.slice(1) });
    expect(rosterless.stdout).toContain("warning  two  skipped: no valid roster\n");
  });

  test("control characters in what was found do not reach the terminal", async () => {
    using ctx = doctorContext();
    await runDoctor(ctx, {
      json: false,
      checks: [check("bad", async () => problem("a\u001B[2Jb\u0007", "c\u009Bd"))],
    });
    expect(ctx.stdout).toBe("PROBLEM  bad  a[2Jb\n         fix: cd\n\n1 problem\n");
  });

  test.each(silentManagers)(
    "every check gives an answer on a machine of which no program answers (%s)",
    async (manager) => {
      using ctx = doctorContext({ manager, roster: "agents: [{ name: one }]\n" });
      ctx.allowExec(() => true, { exitCode: 127, stderr: "not found" });
      expect(await runDoctor(ctx, { json: true, checks })).toBe(3);
      const answers: { id: string; detail: string }[] = JSON.parse(ctx.stdout).checks;
      expect(answers.map(({ id }) => id)).toEqual(checks.map(({ id }) => id));
      expect(
        answers.filter(({ detail }) => detail === "" || detail.includes("bug in mosaic")),
      ).toEqual([]);
    },
  );
});

test("ids and titles are each used once", () => {
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  expect(new Set(checks.map(({ title }) => title)).size).toBe(checks.length);
});
