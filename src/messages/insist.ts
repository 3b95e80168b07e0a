// Writes down what became of a message that somebody has just brought to an agent, or says that this cannot be done.
import { AppError, exitCodes } from "../errors.ts";

/** Each waits for the store as long as every write does. */
const lockedTries = 5;

/** A locked store is waited for, a full disk is not; then nobody types it any more, and whoever sent it learns whether to look. */
export function insist<T>(
  { id, agent, isTouched }: { id: string; agent: string; isTouched: boolean },
  write: () => T,
): T {
  for (let left = lockedTries; ; left--) {
    try {
      return write();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.exitCode === exitCodes.busy && left > 0) continue;
      const was = isTouched ? "was typed into" : "waits for";
      const what = `message ${id} ${was} ${agent}, and its receipt cannot be written`;
      const look = `look before you send it again: mosaic agent tail ${agent} -n 20`;
      // What was not typed is not lost: the next try finds its permit, or its file in the spool.
      throw new AppError(`${what}: ${error.message}`, {
        exitCode: isTouched ? exitCodes.unproven : exitCodes.queued,
        hint: isTouched ? look : `mosaic agent messages --id ${id}`,
        cause: error,
      });
    }
  }
}
