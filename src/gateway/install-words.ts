// The plan of an install, for people and for scripts. Secrets are shown as masks.
import type { InstallPlan } from "./install-plan.ts";

/** Files with their modes, the admin, the unit, the commands. */
export function planText(plan: InstallPlan, { dryRun }: { dryRun: boolean }): string {
  const { files, unit, admin, accountNote, commands, service, settings } = plan;
  const lines = [`tier ${settings.tier}, http://${settings.host}:${settings.port}`];
  for (const { path, mode, state } of files) {
    lines.push(`${wordOf(state, dryRun)}  ${path} (${mode.toString(8)})`);
  }
  lines.push(admin === undefined ? "admin: there is one" : `admin: ${admin.email} (${admin.name})`);
  if (accountNote !== "") lines.push(accountNote);
  if (unit !== undefined) {
    lines.push(
      `${wordOf(unit.state === "old" ? "changed" : unit.state, dryRun)}  ${unit.path} (644)`,
    );
    if (dryRun) lines.push("", unit.text);
  }
  if (service.kind === "system-unit") {
    lines.push("service: a unit of the system, since root has no user manager here");
  }
  if (service.kind === "none") lines.push(`service: none (${service.reason})`);
  for (const argv of dryRun ? commands : []) lines.push(`would run  ${argv.join(" ")}`);
  return `${lines.join("\n")}\n`;
}

function wordOf(state: "missing" | "same" | "changed" | "edited", dryRun: boolean): string {
  if (state === "same") return "unchanged";
  if (state === "edited") return "kept (edited by hand)";
  const verb = state === "missing" ? "write" : "change";
  return dryRun ? `would ${verb}` : `${verb}s`;
}

/** The same with a schemaVersion; `done` says whether it was carried out. */
export function planJson(
  plan: InstallPlan,
  { isDone, url }: { isDone: boolean; url?: string | undefined },
): string {
  const { files, unit, admin, commands, service, settings } = plan;
  const document = {
    schemaVersion: 1,
    done: isDone,
    tier: settings.tier,
    service: service.kind,
    reason: service.kind === "none" ? service.reason : null,
    url: url ?? `http://${settings.host}:${settings.port}`,
    admin: admin === undefined ? null : { name: admin.name, email: admin.email },
    files: files.map(({ path, mode, state, content }) => ({
      path,
      mode: mode.toString(8).padStart(4, "0"),
      state,
      content: String(content),
    })),
    unit: unit === undefined ? null : { path: unit.path, state: unit.state, text: unit.text },
    commands,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
