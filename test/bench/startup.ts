// Start-up: `mosaic --version` beside `git --version` and beside an executable that bun made of an empty file, which is
// the least that any program built this way costs. Run: npm run build && bun run test/bench/startup.ts
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { outputOf } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";
import { medianOf, printGoal, printTimings, race } from "./measure.ts";

using folder = tempHome();
const binary = await mosaicBinary();
const empty = await emptyBinary();
const contender = (name: string, argv: string[]) => ({ name, run: () => outputOf(argv) });
const timings = await race(
  [
    contender("empty binary", [empty]),
    contender("mosaic --version", [binary, "--version"]),
    contender("mosaic --help", [binary, "--help"]),
    contender("git --version", ["git", "--version"]),
  ],
  { rounds: 100, warmUps: 10 },
);
printTimings("start-up, 100 runs each", timings, "empty binary");
const version = medianOf(timings, "mosaic --version");
printGoal("--version within 10 ms", version <= 10);
printGoal(
  "--version within 1.6x of the empty binary",
  version <= 1.6 * medianOf(timings, "empty binary"),
);

/** Built with the settings of build.ts. */
async function emptyBinary(): Promise<string> {
  const source = folder.write("empty.ts", "export {};\n");
  const outfile = folder.at("empty");
  await Bun.build({
    entrypoints: [source],
    target: "bun",
    format: "esm",
    bytecode: true,
    minify: true,
    compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
  });
  return outfile;
}
