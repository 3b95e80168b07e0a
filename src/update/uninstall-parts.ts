// An uninstallation of several parts: each is tried, and what failed is told at the end.
import type { Context } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";

/** What the fleet and the gateway tell of their own is in the lists of all, too. */
export function tellingOnce(ctx: Context): Context {
  const { io, paths } = ctx;
  const told = new Set<string>();
  const out = (text: string) => {
    if (!told.has(text)) io.out(text);
    told.add(text);
  };
  return { ...ctx, paths, io: { ...io, out } };
}

/** One part that fails keeps no other from going. */
export async function tried(
  part: () => Promise<number>,
): Promise<{ exitCode: number; fault: AppError | undefined }> {
  try {
    return { exitCode: await part(), fault: undefined };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { exitCode: error.exitCode, fault: error };
  }
}

/** What failed, told at the end, with the exit code of the first. */
export function together(
  living: readonly AppError[],
  hooks: AppError | undefined,
  rest: string,
): AppError {
  const faults = hooks === undefined ? [...living] : [...living, hooks];
  const [first] = faults;
  const message = faults.map((fault) => fault.message).join("\n  ");
  const hint = [...faults.flatMap((fault) => fault.hint ?? []), rest].join("\n");
  return new AppError(message, { exitCode: first?.exitCode ?? exitCodes.failed, hint });
}
