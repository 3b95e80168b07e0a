// The gateway's part of `mosaic settle`: its unit as this version has it, and, when it runs, a restart that is waited for.
// Its unit is apart from the fleet's, so no agent notices.
import type { Context } from "../context.ts";
import { readContact } from "../gateway/contact.ts";
import { restartGateway } from "../gateway/service/control.ts";
import { installedHome, planGatewayUnit, unitPathOf } from "../gateway/service/unit.ts";
import { unitEnvironmentOf } from "../supervisors/systemd/unit-environment.ts";
import { mustSystemctl } from "../supervisors/systemd/systemctl.ts";
import { probeUserManager } from "../supervisors/user-manager.ts";

/** Throws AppError when the new one does not become ready: the update is then taken back. */
export async function settleGateway(ctx: Context): Promise<void> {
  const running = await readContact(ctx);
  if ((await installedHome(ctx)) !== ctx.paths.config) {
    if (running === undefined) return;
    ctx.io.err(
      `the gateway in the foreground (pid ${running.pid}) stays mosaic ${running.version} until it is started anew\n`,
    );
    return;
  }
  const text = (await ctx.files.readText(unitPathOf(ctx))) ?? "";
  // As it was installed, and not as the shell that runs the update happens to be.
  const env = { ...ctx.env, ...Object.fromEntries(unitEnvironmentOf(text)) };
  const unit = await planGatewayUnit({ ...ctx, env });
  if ((await probeUserManager(ctx)) !== "running") return;
  if (unit.state === "old") {
    await ctx.files.write(unit.path, unit.text, 0o644);
    await mustSystemctl(ctx, "daemon-reload");
  }
  if (running !== undefined) await restartGateway(ctx);
}

/** Whether the gateway runs as the unit of this home, which an update restarts. */
export async function gatewayRuns(ctx: Context): Promise<boolean> {
  const isOurs = (await installedHome(ctx)) === ctx.paths.config;
  return isOurs && (await readContact(ctx)) !== undefined;
}

/** A version that did not come up has left it ended; undefined when it runs, else why not. `mosaic` is the link. */
export async function bringGatewayBack(ctx: Context, mosaic: string): Promise<string | undefined> {
  if ((await readContact(ctx)) !== undefined) return undefined;
  const { exitCode, stderr } = await ctx.exec([mosaic, "gateway", "start"], { timeoutMs: 60_000 });
  if (exitCode === 0) return undefined;
  return `the gateway does not run: ${stderr.trim().split("\n", 1)[0] ?? ""}`;
}
