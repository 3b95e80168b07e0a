// What doctor says of a gateway that is installed, stopped, failed, or was never wanted.
import { expect, test } from "bun:test";
import { gateway } from "../../../src/doctor/checks/gateway.ts";
import { gatewayUnit } from "../../../src/gateway/files.ts";
import { rest } from "../../support/fake-exec.ts";
import { doctorContext, examine } from "../examine.ts";

const unit = `.config/systemd/user/${gatewayUnit}`;

test("none that is installed is no fault", async () => {
  using ctx = doctorContext();
  const detail = "no service is installed, and none runs";
  expect(await examine(ctx, gateway)).toEqual({ status: "ok", detail, fix: "" });
});

test("the unit of another home is that home's affair", async () => {
  using ctx = doctorContext();
  ctx.home.write(unit, '[Service]\nEnvironment="MOSAIC_HOME=/elsewhere"\n');
  const { status, detail } = await examine(ctx, gateway);
  expect([status, detail]).toEqual(["ok", expect.stringContaining("is that of /elsewhere")]);
});

test.each([
  ["inactive", "its service is installed, and is stopped", "mosaic gateway start"],
  [
    "failed",
    "its service is installed, and has failed",
    "mosaic gateway start\nmosaic gateway logs",
  ],
])("%s is a warning with what starts it", async (state, detail, fix) => {
  using ctx = doctorContext({ manager: "running" });
  ctx.home.write(unit, `[Service]\nEnvironment="MOSAIC_HOME=${ctx.paths.config}"\n`);
  ctx.allowExec(["systemctl", "--user", "show", "--property=ActiveState", rest], {
    stdout: `${state}\n`,
  });
  ctx.allowExec(["systemctl", rest], { stdout: "running\n" });
  expect(await examine(ctx, gateway)).toEqual({ status: "warning", detail, fix });
});

test("a manager that gives no answer tells nothing of it", async () => {
  using ctx = doctorContext({ manager: "hanging" });
  ctx.home.write(unit, `[Service]\nEnvironment="MOSAIC_HOME=${ctx.paths.config}"\n`);
  const { status, detail } = await examine(ctx, gateway);
  expect([status, detail]).toEqual(["warning", expect.stringContaining("skipped: ")]);
});
