// The gateway: whether one that is installed runs, and is ready. None is no fault: not everybody wants one.
import type { Context } from "../../context.ts";
import { askReadiness, type Contact, readContact } from "../../gateway/contact.ts";
import { findService } from "../../gateway/service/manager.ts";
import { installedUnit, unitState } from "../../gateway/service/unit.ts";
import { type Check, type CheckResult, ok, skipped, warning } from "../check.ts";

export const gateway: Check = {
  id: "gateway",
  title: "gateway",
  needs: "home",
  async run(ctx, { manager }) {
    const [contact, installed] = [await readContact(ctx), await installedUnit(ctx)];
    if (contact !== undefined) return await judgeRunning(ctx, contact);
    if (installed === undefined) return ok("no service is installed, and none runs");
    const { home, path } = installed;
    if (home !== ctx.paths.config) return ok(`none runs; ${path} is that of ${home}`);
    // One that hangs would hang here, too.
    return manager.state === "unknown" ? skipped(manager.fault) : await judgeStopped(ctx);
  },
};

async function judgeRunning(ctx: Context, contact: Contact): Promise<CheckResult> {
  const { status, checks } = await askReadiness(ctx, contact);
  if (status === "ready") return ok(`ready: ${contact.url}`);
  const said = Object.entries(checks).map(([what, how]) => `, ${what}: ${how}`);
  return warning(`${contact.url} runs, and is not ready${said.join("")}`, "mosaic gateway status");
}

async function judgeStopped(ctx: Context): Promise<CheckResult> {
  const service = await findService(ctx);
  if (service.kind === "none") {
    return warning(
      `its service is installed, and nothing runs it: ${service.reason}`,
      "mosaic gateway run",
    );
  }
  const state = await unitState(service);
  const isFailed = state === "failed";
  const detail = `its service is installed, and ${isFailed ? "has failed" : "is stopped"}`;
  return warning(detail, `mosaic gateway start${isFailed ? "\nmosaic gateway logs" : ""}`);
}
