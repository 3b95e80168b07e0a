// The folders that the steps write into: those that cannot be, or cannot be made, are told before anything is written.
import type { Context } from "../context.ts";
import type { SetupFacts, SetupStep } from "../domain/setup-model.ts";
import { unwritableFolders } from "../doctor/writable.ts";
import { hookSite } from "../hooks/site.ts";

interface Place {
  folder: string;
  steps: readonly SetupStep[];
}

/** Looks, and writes nothing. */
export async function closedFolders(
  ctx: Context,
  completions: SetupFacts["completions"],
): Promise<SetupFacts["unwritable"]> {
  const closed = new Map<string, { why: string; steps: Set<SetupStep> }>();
  for (const { folder, steps } of placesOf(ctx, completions)) {
    const file = await fileInTheWay(ctx, folder);
    const why = file === undefined ? "is not writable for us" : "is no folder, and one is needed";
    const paths = file === undefined ? await unwritableFolders(ctx, [folder]) : [file];
    for (const path of paths) {
      const known = closed.get(path) ?? { why, steps: new Set() };
      for (const step of steps) known.steps.add(step);
      closed.set(path, known);
    }
  }
  return [...closed].map(([folder, { why, steps }]) => ({ folder, why, steps: [...steps] }));
}

function placesOf(ctx: Context, { file }: SetupFacts["completions"]): Place[] {
  const { config, state, systemdUser, data } = ctx.paths;
  const ofFramework: SetupStep[] = ["framework", "roster", "systemd", "gateway"];
  const below = ["fleet", "tools", "hooks"].map((name) => `${config}/${name}`);
  const shell = file?.path.slice(0, file.path.lastIndexOf("/"));
  return [
    ...[config, ...below].map((folder) => ({ folder, steps: ofFramework })),
    { folder: state, steps: ["framework", "roster", "systemd", "hooks"] },
    { folder: `${state}/backups`, steps: ["hooks"] },
    { folder: systemdUser, steps: ["systemd"] },
    { folder: hookSite(ctx).home.dir, steps: ["hooks"] },
    { folder: data, steps: ["gateway"] },
    ...(shell === undefined ? [] : [{ folder: shell, steps: ["completions" as const] }]),
  ];
}

/** What stands on the way to a folder and is none: a file, a device, a link to one or to nothing. */
async function fileInTheWay({ files }: Context, folder: string): Promise<string | undefined> {
  for (let path = folder; path !== ""; path = path.slice(0, path.lastIndexOf("/"))) {
    if ((await files.stat(`${path}/.`))?.kind === "directory") return undefined;
    if ((await files.stat(path)) !== undefined) return path;
  }
  return undefined;
}
