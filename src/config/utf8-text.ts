// The text of a file that we write back: one that is no UTF-8 would come back with other bytes than its owner's.
import type { Context } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";

/** What a reader puts in the place of bytes that are no UTF-8. */
const replacement = "\uFFFD";

/** Its text; undefined when it is not there. Throws AppError, exit 4, when it is no UTF-8. */
export async function readUtf8(
  { files }: Pick<Context, "files">,
  path: string,
): Promise<string | undefined> {
  const text = await files.readText(path);
  // Rarely there, and then it may be its owner's.
  if (text?.includes(replacement) !== true) return text;
  const bytes = await files.readBytes(path);
  if (bytes === undefined || isUtf8(bytes)) return text;
  throw new AppError(`${path} is no UTF-8 text, and a change would damage what is not`, {
    exitCode: exitCodes.refused,
    hint: "save it as UTF-8",
  });
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
