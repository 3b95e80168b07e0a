// One run of `mosaic update` from source, as a process that a test kills: each operation by which it changes or asks
// something is a step with a number. Settings come as JSON in argv: what it pretends to be, and when it dies.
import { appendFileSync } from "node:fs";
import { basename } from "node:path";
import { createContext } from "../../src/adapters/system.ts";
import type { Context } from "../../src/context.ts";
import { main } from "../../src/main.ts";

export interface UpdateProcess {
  /** The installation that it is of. */
  root: string;
  keys: readonly string[];
  args: readonly string[];
  /** File that gets a line per step. */
  log: string;
  /** Dies before (even) or after (odd) the step number `dieAt / 2`; -1: never. */
  dieAt: number;
}

if (import.meta.main) {
  const settings: UpdateProcess = JSON.parse(process.argv[2] ?? "{}");
  process.exitCode = await main(["update", ...settings.args], pretend(settings));
}

function pretend({ root, keys, log, dieAt }: UpdateProcess): Context {
  const ctx = createContext();
  const executable = `${root}/mosaic`;
  let moment = 0;
  const mark = (text: string): void => {
    appendFileSync(log, `${text}\n`);
    if (moment++ === dieAt) process.kill(process.pid, "SIGKILL");
  };
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    mark(`before ${name}`);
    const done = await work();
    mark(`after ${name}`);
    return done;
  };
  const { files } = ctx;
  return {
    ...ctx,
    paths: { ...ctx.paths, executable, self: [executable] },
    release: { target: "linux-x64", keys },
    download: (url, options) => step(`fetch ${basename(url)}`, () => ctx.download(url, options)),
    exec: (argv, options) =>
      step(`run ${basename(argv[0] ?? "")} ${argv[1]}`, () => ctx.exec(argv, options)),
    files: {
      ...files,
      write: (path, data, mode, options) =>
        step(`write ${basename(path)}`, () => files.write(path, data, mode, options)),
      writeLink: (path, target) =>
        step(`link ${basename(path)}`, () => files.writeLink(path, target)),
      makeDir: (path, mode) => step("make the work folder", () => files.makeDir(path, mode)),
      remove: (path) => step(`remove ${nameOf(path)}`, () => files.remove(path)),
    },
  };
}

/** The name of a work folder is another one in each run. */
function nameOf(path: string): string {
  return basename(path).replace(/^\.update-.*/, "the work folder");
}
