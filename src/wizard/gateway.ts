// The gateway's part of the first run: its own install decides what is to be done, and does it.
import type { Context } from "../context.ts";
import type { SetupAnswers, SetupFacts } from "../domain/setup-model.ts";
import { installGateway } from "../gateway/install.ts";
import { planInstall } from "../gateway/install-plan.ts";

const variables = {
  name: "MOSAIC_ADMIN_NAME",
  email: "MOSAIC_ADMIN_EMAIL",
  password: "MOSAIC_ADMIN_PASSWORD",
} as const;

/** What an install would do with these answers. Writes nothing. */
export async function gatewayFacts(
  ctx: Context,
  admin: SetupAnswers["admin"],
): Promise<SetupFacts["gateway"]> {
  const isGiven = Object.values(variables).some((name) =>
    [name, `${name}_FILE`].some((one) => (ctx.env[one] ?? "") !== ""),
  );
  const planned = await planInstall(withAdmin(ctx, admin), {});
  if ("faults" in planned) {
    const faults = planned.faults.map(({ message }) => message);
    const needsAdmin = faults.some((fault) => fault.startsWith("MOSAIC_ADMIN_"));
    return { files: [], commands: [], faults, needsAdmin, isGiven, noService: "", accountNote: "" };
  }
  const { files, unit, service, commands, admin: wanted, accountNote } = planned.plan;
  const changed = files
    .filter(({ state }) => state !== "same")
    .map(({ path, mode, state }) => ({ path, mode, how: howOf(state === "missing") }));
  const isNewUnit = unit !== undefined && (unit.state === "missing" || unit.state === "old");
  const units = isNewUnit
    ? [{ path: unit.path, mode: 0o644, how: howOf(unit.state === "missing") }]
    : [];
  const written = [...changed, ...units];
  // One that stands as it should is not restarted: whoever uses it would notice.
  const isDone = written.length === 0 && wanted === undefined;
  return {
    files: written,
    commands: isDone ? [] : commands.map((argv) => argv.join(" ")),
    faults: [],
    needsAdmin: wanted !== undefined,
    isGiven,
    accountNote,
    noService: service.kind === "none" ? service.reason : "",
  };
}

function howOf(isMissing: boolean): "new" | "update" {
  return isMissing ? "new" : "update";
}

/** Does it. Throws AppError as the install does. */
export async function applyGateway(ctx: Context, admin: SetupAnswers["admin"]): Promise<number> {
  const flags = {};
  const options = { flags, dryRun: false, json: false, requireService: false, force: false };
  return await installGateway(withAdmin(ctx, admin), options);
}

/** What was answered, where the install looks for it: in an environment that no child gets. */
function withAdmin(ctx: Context, { name, email, password }: SetupAnswers["admin"]): Context {
  const given = { name, email, password: password?.reveal() };
  const env = { ...ctx.env };
  for (const key of ["name", "email", "password"] as const) {
    if (given[key] === undefined) continue;
    env[variables[key]] = given[key];
    delete env[`${variables[key]}_FILE`];
  }
  return { ...ctx, paths: ctx.paths, env };
}
