// A message whose agent ended while its sender waited: nobody reports an end of its turn any more.
import type { Context, Database } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import type { StoredMessage } from "../store/message-rows.ts";
import { addReceipt } from "../store/receipts.ts";

/** Writes it down, and is what the sender is told. What the agent said just before its end may come later, and counts more. */
export function endedMeanwhile(ctx: Context, store: Database, message: StoredMessage): AppError {
  const { agent, id } = message;
  const evidence = "the agent ended before it reported an end of its turn";
  const receipt = { at: ctx.clock.now(), source: "screen", evidence, cause: "" } as const;
  addReceipt(store, message, { status: "failed", ...receipt });
  return new AppError(`${agent} has ended before message ${id} was answered`, {
    exitCode: exitCodes.notRunning,
    hint: `mosaic agent why ${agent}\nmosaic agent messages --id ${id}`,
  });
}
