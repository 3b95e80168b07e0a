// `mosaic agent reset NAME --new`: a new session with a new conversation. Resuming the old conversation is the
// runtime's business and comes with its own proof; until then it is refused rather than guessed.
import { usageError } from "../errors.ts";
import type { Context } from "../context.ts";
import { restartFleet } from "./restart.ts";

/** Exit code as `fleet restart NAME`. */
export async function resetAgent(
  ctx: Context,
  { name, fresh }: { name: string; fresh: boolean },
): Promise<number> {
  if (!fresh) {
    throw usageError(
      "resuming the same conversation is not supported yet",
      `mosaic agent reset ${name} --new`,
    );
  }
  return restartFleet(ctx, { names: [name], json: false });
}
