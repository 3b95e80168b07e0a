import { describe, expect, test } from "bun:test";
import { AppError } from "../src/errors.ts";
import { main } from "../src/main.ts";
import { fakeContext, type FakeContext } from "./support/fake-context.ts";
import { runCommand } from "./support/run-command.ts";

/** A context whose stdout fails like this. */
function failing(ctx: FakeContext, error: unknown): FakeContext {
  ctx.io.out = () => {
    throw error;
  };
  return ctx;
}

describe("main", () => {
  test.each([["--version"], ["-V"]])("%s prints version and commit", async (flag) => {
    using ctx = fakeContext();
    expect(await main([flag], ctx)).toBe(0);
    expect(ctx.stdout).toBe("mosaic 0.0.0 (abc1234)\n");
  });

  test("prints an AppError with its hints and returns its exit code", async () => {
    using ctx = fakeContext();
    const error = new AppError("cannot do it: no reason", {
      exitCode: 4,
      hint: "mosaic doctor\nman mosaic",
    });
    expect(await main(["--help"], failing(ctx, error))).toBe(4);
    expect(ctx.stderr).toBe(
      "mosaic: cannot do it: no reason\n  hint: mosaic doctor\n  hint: man mosaic\n",
    );
  });

  test("prints a bug with version and stack, asks for a report, and returns 70", async () => {
    using ctx = fakeContext();
    expect(await main(["--help"], failing(ctx, new TypeError("x is undefined")))).toBe(70);
    const lines = ctx.stderr.split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "mosaic: this is a bug in mosaic",
      `  mosaic 0.0.0 (abc1234), ${process.platform} ${process.arch}`,
      "  TypeError: x is undefined",
    ]);
    expect(ctx.stderr).toMatch(/\n {6}at .*main\.test\.ts/);
    expect(lines.at(-2)).toStartWith("  hint: report the lines above");
  });

  test("something thrown that is no Error is a bug as well", async () => {
    using ctx = fakeContext();
    expect(await main(["--help"], failing(ctx, "oops"))).toBe(70);
    expect(ctx.stderr).toContain("  oops\n");
  });

  test("ends quietly when its reader went away", async () => {
    using ctx = fakeContext();
    const error = Object.assign(new Error("broken pipe"), { code: "EPIPE" });
    expect(await main(["--help"], failing(ctx, error))).toBe(0);
    expect(ctx.stderr).toBe("");
  });
});

describe("the program", () => {
  const program = [process.execPath, `${import.meta.dir}/../src/main.ts`];

  test("--version needs neither a home nor a writable stdout to be told apart", async () => {
    const told = await runCommand([...program, "--version"], { env: {} });
    expect(told).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^mosaic \d+\.\d+\.\d+ \(\w+\)\n$/),
      stderr: "",
    });
    const full = await runCommand(["sh", "-c", '"$@" >/dev/full', "sh", ...program, "--version"]);
    expect(full.exitCode).toBe(1);
    expect(full.stderr).toContain("cannot write to standard output: no space left on device");
  });

  test("a reader that closes the pipe ends it quietly", async () => {
    const script = '{ "$@"; echo "exit $?" >&2; } | true';
    const { stderr } = await runCommand(["bash", "-c", script, "bash", ...program, "--help"]);
    expect(stderr).toBe("exit 0\n");
  });

  test("the exit code and the error arrive outside", async () => {
    const { exitCode, stdout, stderr } = await runCommand([...program, "fleet", "strat"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toStartWith('mosaic: unknown command "strat" of mosaic fleet\n');
  });
});
