// What the extensions of mosaic have in common: how they tell mosaic what the agent does. It never throws, prints nothing
// and waits for nobody.
import { spawn } from "node:child_process";

const { MOSAIC_BIN: binary = "", MOSAIC_AGENT: agent = "", MOSAIC_INSTANCE: instance = "" } = process.env;

/** Where mosaic does not run the agent, an extension does nothing. */
export const isAgent = binary !== "" && agent !== "" && instance !== "";

/** One after the other, as things happened. */
let before = Promise.resolve();

export function report(kind, fields) {
  before = before.then(() => run(kind, fields)).catch(() => {});
}

/** Resolves when mosaic has what was reported so far. */
export function reported() {
  return before;
}

function run(kind, fields) {
  return new Promise((resolve) => {
    const child = spawn(binary, ["hook", "run", kind], { stdio: ["pipe", "ignore", "ignore"] });
    child.on("error", resolve);
    child.on("close", resolve);
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(fields));
  });
}
