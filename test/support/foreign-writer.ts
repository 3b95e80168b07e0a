// A program that rewrites a JSON file all the time, as Claude Code does its settings: reads it, adds a key, writes it whole.
// argv: FILE COUNT (atomic|in-place). In place it takes longer pauses: a program that has truncated the file and is held up
// by the scheduler for longer than that reads, when it goes on, what another one has put there meanwhile.
import { readFileSync, renameSync, writeFileSync } from "node:fs";

const [, , file = "", count = "0", how = "atomic"] = process.argv;

for (let number = 0; number < Number(count); number++) {
  const settings = read();
  settings[`key${number}`] = number;
  const text = JSON.stringify(settings, null, 2);
  if (how === "in-place") {
    writeFileSync(file, text);
  } else {
    writeFileSync(`${file}.theirs`, text);
    renameSync(`${file}.theirs`, file);
  }
  await Bun.sleep(how === "in-place" ? 12 : 3);
}

/** Its own writes are never torn for itself; ours must not be either. */
function read(): Record<string, unknown> {
  return JSON.parse(readFileSync(file, "utf8"));
}
