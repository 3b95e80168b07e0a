// Which of the three files of a database cannot be written, and the command that opens it again. SQLite reads on without a
// word, and gives the -shm that it makes the mode that the database has then.
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { shellWord } from "../domain/shell-word.ts";
import { errnoCode } from "./file-faults.ts";

/** `what` names the file; undefined when all three can be written, or are not there. */
export function unwritableDatabase(path: string): { what: string; hint: string } | undefined {
  const files = ["", "-wal", "-shm"]
    .map((end) => `${path}${end}`)
    .filter((file) => existsSync(file));
  const closed = files.flatMap((file) => {
    const code = refusalOf(file);
    return code === undefined ? [] : [{ file, code }];
  });
  const [first] = closed;
  if (first === undefined) return undefined;
  const what = `${closed.map(({ file }) => file).join(", ")} cannot be written`;
  // What its mode allows, an attribute of the file forbids (chattr(1)).
  if (first.code === "EPERM") return { what, hint: `chattr -i ${all(path)}` };
  const uid = process.getuid?.();
  const isOurs = files.every((file) => statSync(file).uid === uid);
  return { what, hint: isOurs ? `chmod 600 ${all(path)}` : `sudo chown ${uid} ${all(path)}` };
}

function all(path: string): string {
  return `${shellWord(path)}*`;
}

function refusalOf(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return errnoCode(error);
  }
}
