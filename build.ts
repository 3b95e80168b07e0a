// Builds dist/mosaic for this host: one executable with bytecode and the framework inside. Then runs it once, since
// a build can succeed and the binary fail (research/bun.md A1). `--schema` writes the roster's JSON Schema instead,
// `--all` a whole release (release/release.ts).
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { buildFolders, commitOf, compile } from "./release/compile.ts";
import { copyLauncher } from "./release/npm-packages.ts";
import { version } from "./src/version.ts";

const root = import.meta.dir;

/** The executable that `npm run build` writes. */
export const binaryFile = `${root}/dist/mosaic`;

const cacheFolder = buildFolders(root);

/** The `inputsHash` that the executable was built from; not in dist, which the npm package holds. */
export const inputsHashFile = `${cacheFolder}/inputs-hash`;

/** No build takes as long as that. */
const abandonedMs = 60 * 60 * 1000;

/** What the executable is made of. */
const inputs = [
  "build.ts",
  "framework",
  "package-lock.json",
  "package.json",
  "release/compile.ts",
  "release/launcher.cjs",
  "src",
];

/** SHA-256 over everything that goes into the executable: bun, the commit, paths and contents. */
export function inputsHash(): string {
  const hash = createHash("sha256").update(`${Bun.revision} ${commit()}`);
  for (const path of inputs.flatMap(filesBelow)) {
    hash.update(`\0${path}\0`).update(readFileSync(`${root}/${path}`));
  }
  return hash.digest("hex");
}

async function buildBinary(): Promise<void> {
  const startedAt = performance.now();
  const hash = inputsHash();
  mkdirSync(dirname(binaryFile), { recursive: true });
  mkdirSync(cacheFolder, { recursive: true });
  removeAbandoned();
  // Built elsewhere and renamed: a running mosaic keeps its own file, and nobody sees a half-written one. Not in dist,
  // which the npm package holds: a build that is killed leaves its folder.
  const folder = mkdtempSync(`${cacheFolder}/build-`);
  try {
    const temp = `${folder}/mosaic`;
    await compile({ root, outfile: temp, commit: commit() });
    const builtMs = performance.now() - startedAt;
    await smokeRun(temp);
    renameSync(temp, binaryFile);
    copyLauncher(dirname(binaryFile));
    writeFileSync(inputsHashFile, hash);
    const size = (statSync(binaryFile).size / 1e6).toFixed(1);
    print(`dist/mosaic ${version} (${commit()}): ${size} MB, built in ${Math.round(builtMs)} ms`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What builds that were killed have left: 112 MB each. */
function removeAbandoned(): void {
  for (const name of readdirSync(cacheFolder).filter((entry) => entry.startsWith("build-"))) {
    const folder = `${cacheFolder}/${name}`;
    const modifiedMs = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - modifiedMs > abandonedMs) rmSync(folder, { recursive: true, force: true });
  }
}

function commit(): string {
  return commitOf(root);
}

/** Runs the new binary in a foreign folder: it must start, and hold every file of the framework to the byte. */
export async function smokeRun(binary: string): Promise<void> {
  const folder = mkdtempSync(`${tmpdir()}/mosaic-build-`);
  try {
    const said = await run([binary, "--version"], { cwd: folder });
    const expected = `mosaic ${version} (${commit()})\n`;
    if (said !== expected) throw new Error(`the new binary says ${JSON.stringify(said)}`);
    // A preload runs inside the binary and sees what is embedded, with no need for a command of ours.
    writeFileSync(`${folder}/list.mjs`, listEmbedded);
    const env = { BUN_OPTIONS: `--preload ${folder}/list.mjs` };
    const embedded: unknown = JSON.parse(await run([binary], { cwd: folder, env }));
    const wanted = Object.fromEntries(filesBelow("framework").map((path) => [path, sha256(path)]));
    if (!Bun.deepEquals(embedded, wanted)) {
      throw new Error(`the new binary holds another framework: ${Bun.inspect(embedded)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const listEmbedded = `
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeSync } from "node:fs";
const found = {};
for (const entry of readdirSync("/$bunfs/root/framework", { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = entry.parentPath + "/" + entry.name;
  const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
  found[path.slice("/$bunfs/root/".length)] = hash;
}
writeSync(1, JSON.stringify(found));
process.exit(0);
`;

function sha256(path: string): string {
  return createHash("sha256")
    .update(readFileSync(`${root}/${path}`))
    .digest("hex");
}

async function run(
  argv: string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<string> {
  const child = Bun.spawn(argv, {
    cwd,
    env: { HOME: cwd, PATH: process.env["PATH"] ?? "", ...env },
    stdout: "pipe",
    stderr: "pipe",
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  if (exitCode === 0) return stdout;
  throw new Error(`the new binary fails (exit ${exitCode}): ${argv.slice(1).join(" ")}\n${stderr}`);
}

/** A file, or all files below a folder, relative to the repository, sorted. Bun embeds no symlinks. */
function filesBelow(path: string): string[] {
  if (statSync(`${root}/${path}`).isFile()) return [path];
  return readdirSync(`${root}/${path}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length + 1))
    .toSorted();
}

async function writeSchema(): Promise<void> {
  const { rosterJsonSchema } = await import("./src/domain/roster.ts");
  const file = "framework/fleet/roster.schema.json";
  writeFileSync(`${root}/${file}`, `${JSON.stringify(await rosterJsonSchema(), null, 2)}\n`);
  print(file);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--schema")) return await writeSchema();
  if (!args.includes("--all")) return await buildBinary();
  const { release } = await import("./release/release.ts");
  await release(args.filter((arg) => arg !== "--all"));
}

if (import.meta.main) await main(process.argv.slice(2));
