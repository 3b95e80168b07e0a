// `mosaic gateway start|stop|restart|status|logs`.
import type { Context } from "../../context.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { askReadiness, readContact } from "../contact.ts";
import { gatewayUnit } from "../files.ts";
import { findService, type Managed } from "./manager.ts";
import { untilReady } from "./ready.ts";
import { mustSystemctl, systemctl, systemctlWords } from "./systemctl.ts";
import { hostLines, teamHosts } from "./team-hosts.ts";
import { installedUnit, unitState } from "./unit.ts";

/** Exit code 0 once it is ready. */
export async function startGateway(ctx: Context): Promise<number> {
  const reached = await installedManager(ctx);
  const running = await readContact(ctx);
  if (running !== undefined) {
    ctx.io.out(`already running: ${running.url}\n`);
    return exitCodes.ok;
  }
  await systemctl(reached, "reset-failed", gatewayUnit);
  await mustSystemctl(reached, "start", gatewayUnit);
  ctx.io.out(`ready: ${(await untilReady(ctx, { before: undefined })).url}\n`);
  return exitCodes.ok;
}

/** Exit code 0 once it has ended; agents go on. */
export async function stopGateway(ctx: Context): Promise<number> {
  const reached = await installedManager(ctx);
  const wasRunning = (await readContact(ctx)) !== undefined;
  await mustSystemctl(reached, "stop", gatewayUnit);
  if ((await readContact(ctx)) !== undefined) {
    throw new AppError("a gateway still runs that systemd did not start", {
      hint: `see who: cat ${ctx.paths.state}/gateway.json`,
    });
  }
  ctx.io.out(wasRunning ? "stopped; agents go on\n" : "already stopped\n");
  return exitCodes.ok;
}

/** Exit code 0 once the new one is ready. */
export async function restartGateway(ctx: Context): Promise<number> {
  const reached = await installedManager(ctx);
  const before = await readContact(ctx);
  await systemctl(reached, "reset-failed", gatewayUnit);
  await mustSystemctl(reached, "restart", gatewayUnit);
  const { url } = await untilReady(ctx, { before: before?.instance });
  ctx.io.out(`ready: ${url}\n`);
  return exitCodes.ok;
}

/** Exit code 0 when it is ready, else 3. */
export async function gatewayStatus(ctx: Context, { json }: { json: boolean }): Promise<number> {
  const contact = await readContact(ctx);
  const { status, checks } =
    contact === undefined ? { status: undefined, checks: {} } : await askReadiness(ctx, contact);
  const installed = await installedUnit(ctx);
  const service = await findService(ctx);
  const unit =
    installed === undefined || service.kind !== installed.kind
      ? null
      : (await unitState(service)) || null;
  const state = contact === undefined ? "stopped" : (status ?? "unready");
  const hosts = contact?.tier === "local" ? undefined : await teamHosts(ctx);
  if (json) {
    const { instance: _, schemaVersion, ...shown } = contact ?? { instance: "", schemaVersion: 1 };
    const asked = Array.isArray(hosts) ? hosts : null;
    const document = { schemaVersion, state, checks, unit, ...shown, hosts: asked };
    ctx.io.out(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    const where =
      contact === undefined ? "" : `  ${contact.url}, tier ${contact.tier}, pid ${contact.pid}`;
    ctx.io.out(`gateway: ${state}${where}\n`);
    for (const [what, said] of Object.entries(checks)) ctx.io.out(`  ${what}: ${said}\n`);
    ctx.io.out(
      `  unit: ${unit ?? (installed === undefined ? "not installed" : "no manager answers")}\n`,
    );
    if (typeof hosts === "string") ctx.io.out(`  hosts: not known: ${hosts}\n`);
    else for (const line of hostLines(hosts ?? [])) ctx.io.out(`  host ${line}\n`);
  }
  return state === "ready" ? exitCodes.ok : exitCodes.notRunning;
}

/** What the gateway's unit printed, from the journal; the exit code of journalctl(1). */
export async function gatewayLogs(
  ctx: Context,
  { lines, follow }: { lines: number; follow: boolean },
): Promise<number> {
  const { kind } = await installedManager(ctx);
  const whose = kind === "user-unit" ? ["--user"] : [];
  const argv = ["journalctl", ...whose, `--unit=${gatewayUnit}`, `--lines=${lines}`, "--no-pager"];
  const code = await ctx.runInteractive(follow ? [...argv, "--follow"] : argv);
  if (code !== 127) return code;
  throw new AppError("there is no journalctl here", {
    hint: `${systemctlWords(kind).join(" ")} status ${gatewayUnit}`,
  });
}

/** The manager that has our unit. Throws AppError, exit 3, when there is none. */
async function installedManager(ctx: Context): Promise<Managed> {
  const installed = await installedUnit(ctx);
  if (installed === undefined) throw await noService(ctx);
  if (installed.home !== ctx.paths.config) {
    const whose = `the installed unit runs the gateway of another home: ${installed.home ?? "?"}`;
    throw new AppError(whose, {
      exitCode: exitCodes.refused,
      hint: `cat ${installed.path}`,
    });
  }
  const service = await findService(ctx);
  if (service.kind !== "none") return service;
  throw new AppError(`systemd cannot be asked: ${service.reason}`, {
    exitCode: exitCodes.notRunning,
    hint: "in the foreground: mosaic gateway run",
  });
}

/** What a user does where nothing but he himself starts and ends the gateway. */
async function noService(ctx: Context): Promise<AppError> {
  const service = await findService(ctx);
  const running = await readContact(ctx);
  const isPossible = service.kind !== "none";
  const hints = [
    ...(isPossible ? ["mosaic gateway install"] : []),
    ...(running === undefined
      ? [
          "in the foreground, as a container or another supervisor does it: mosaic gateway run",
          "in the background of this shell: nohup mosaic gateway run >gateway.log 2>&1 &",
        ]
      : [
          `one runs in the foreground, and says there what it does; this ends it: kill ${running.pid}`,
        ]),
  ];
  const why =
    service.kind === "none" ? `no service here: ${service.reason}` : "not installed as a service";
  return new AppError(`the gateway is ${why}`, {
    exitCode: exitCodes.notRunning,
    hint: hints.join("\n"),
  });
}
