// The gateway's part of `mosaic settle`: its unit as this version has it, and, when it runs, a restart that is waited for.
// Its unit is apart from the fleet's, so no agent notices.
import type { Context } from "../context.ts";
import { readContact } from "../gateway/contact.ts";
import { restartGateway } from "../gateway/service/control.ts";
import { findService } from "../gateway/service/manager.ts";
import { mustSystemctl } from "../gateway/service/systemctl.ts";
import { installedUnit, planGatewayUnit } from "../gateway/service/unit.ts";
import { unitEnvironmentOf } from "../supervisors/systemd/unit-environment.ts";

/** Throws AppError when the new one does not become ready: the update is then taken back. */
export async function settleGateway(ctx: Context): Promise<void> {
  const running = await readContact(ctx);
  const installed = await installedUnit(ctx);
  if (installed?.home !== ctx.paths.config) {
    if (running === undefined) return;
    ctx.io.err(
      `the gateway in the foreground (pid ${running.pid}) stays mosaic ${running.version} until it is started anew\n`,
    );
    return;
  }
  // As it was installed, and not as the shell that runs the update happens to be.
  const env = { ...ctx.env, ...Object.fromEntries(unitEnvironmentOf(installed.text)) };
  const unit = await planGatewayUnit({ ...ctx, env }, installed.kind);
  const service = await findService(ctx);
  if (service.kind !== installed.kind || service.needs.length > 0) return;
  if (unit.state === "old") {
    await ctx.files.write(unit.path, unit.text, 0o644);
    await mustSystemctl(service, "daemon-reload");
  }
  if (running !== undefined) await restartGateway(ctx);
}

/** Whether the gateway runs as the unit of this home, which an update restarts. */
export async function gatewayRuns(ctx: Context): Promise<boolean> {
  const isOurs = (await installedUnit(ctx))?.home === ctx.paths.config;
  return isOurs && (await readContact(ctx)) !== undefined;
}

/** A version that did not come up has left it ended; undefined when it runs, else why not. `mosaic` is the link. */
export async function bringGatewayBack(ctx: Context, mosaic: string): Promise<string | undefined> {
  if ((await readContact(ctx)) !== undefined) return undefined;
  const { exitCode, stderr } = await ctx.exec([mosaic, "gateway", "start"], { timeoutMs: 60_000 });
  if (exitCode === 0) return undefined;
  return `the gateway does not run: ${stderr.trim().split("\n", 1)[0] ?? ""}`;
}
