// What doctor says of the extracted framework.
import { chmodSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import { framework } from "../../../src/doctor/checks/framework.ts";
import { ensureFramework } from "../../../src/fleet/framework.ts";
import { doctorContext, examine } from "../examine.ts";

const config = ".config/mosaic";

async function extracted() {
  const ctx = doctorContext();
  await ensureFramework(ctx);
  return ctx;
}

describe("framework", () => {
  const file = "tools/fleet/start-agent-session.sh";

  test("as shipped is ok", async () => {
    using ctx = await extracted();
    expect(await examine(ctx, framework)).toEqual({
      status: "ok",
      detail: "tools in ~/.config/mosaic are those of 0.0.0",
      fix: "",
    });
  });

  test("that was never extracted is not there yet", async () => {
    using ctx = doctorContext();
    const { status, detail, fix } = await examine(ctx, framework);
    expect({ status, fix }).toEqual({ status: "warning", fix: "mosaic fleet start" });
    expect(detail).toMatch(
      /^not there yet: \d+ files in ~\/\.config\/mosaic; fleet start writes what is missing$/,
    );
  });

  test.each([
    {
      what: "edited",
      change: (path: string) => writeFileSync(path, "# mine\n"),
      words: "was edited, and is kept so",
    },
    {
      what: "no longer executable",
      change: (path: string) => chmodSync(path, 0o600),
      words: "has a mode that is not the shipped one; fleet start mends it",
    },
  ])("with a file that is $what is a warning", async ({ change, words }) => {
    using ctx = await extracted();
    change(ctx.home.at(`${config}/${file}`));
    const { status, detail, fix } = await examine(ctx, framework);
    expect({ status, detail }).toEqual({
      status: "warning",
      detail: `~/.config/mosaic/${file} ${words}`,
    });
    expect(fix).toEndWith("mosaic fleet start");
  });
});
