// The npm packages: what is in them, what npm makes of them on this platform, and that the launcher is only that. The
// executables are small scripts; the registry is a local one.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { writeNpmPackages } from "../release/npm-packages.ts";
import { binaryName, targets } from "../release/targets.ts";
import { eventually } from "./support/eventually.ts";
import { type NpmRegistry, npmRegistry } from "./support/npm-registry.ts";
import { outputOf, runCommand } from "./support/run-command.ts";
import { sourceFiles } from "./support/source-files.ts";
import { tempHome } from "./support/temp-home.ts";

const home = tempHome();
const version = "1.2.3";
const host = `linux-${process.arch}`;
let registry: NpmRegistry;

/** Says its version and how it was called; waits for a signal when it is told to. */
const script = (name: string) =>
  [
    "#!/bin/sh",
    `[ "\${1-}" != wait ] || { trap 'echo told; exit 7' TERM; echo ready; while :; do sleep 0.01; done; }`,
    `echo "${name} $*"; exit "\${EXIT:-0}"`,
    "",
  ].join("\n");

beforeAll(async () => {
  for (const target of targets) {
    home.write(`bin/${binaryName(version, target)}`, script(target.name), 0o755);
  }
  writeNpmPackages({ version, targets, binaries: home.at("bin"), out: home.at("npm") });
  home.write("work/.keep", "");
  registry = await npmRegistry(home.at("npm"), home.at("work"));
}, 60_000);

afterAll(() => {
  registry[Symbol.dispose]();
  home.remove();
});

/** What npm would publish from a folder. */
async function packed(folder: string): Promise<string[]> {
  const said = await outputOf(["npm", "pack", "--dry-run", "--json"], { cwd: folder });
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(said);
  return files.map(({ path }) => path).toSorted();
}

test("the main package holds the launcher and the whole framework, and nothing else", async () => {
  const framework = sourceFiles("framework/**/*").map(({ path }) => path);
  for (const folder of ["fleet", "systemd/user", "tools/fleet", "tools/tmux"]) {
    expect(framework.some((path) => path.startsWith(`framework/${folder}/`))).toBe(true);
  }
  const documents = ["LICENSE", "README.md", "package.json"];
  expect(await packed(home.at("npm/mosaic"))).toEqual(
    [...framework, ...documents, "dist/mosaic.cjs"].toSorted(),
  );
});

test("no package runs anything at its installation, and each platform's says where it fits", () => {
  const manifests = readdirSync(home.at("npm")).map((name) =>
    JSON.parse(home.read(`npm/${name}/package.json`)),
  );
  expect(manifests).toHaveLength(7);
  for (const manifest of manifests) {
    expect(Object.keys(manifest)).not.toContain("scripts");
    expect(Object.keys(manifest)).not.toContain("dependencies");
  }
  expect(JSON.parse(home.read("npm/mosaic-linux-x64-musl/package.json"))).toMatchObject({
    name: "@mosaicstack/mosaic-linux-x64-musl",
    version,
    os: ["linux"],
    cpu: ["x64"],
    libc: ["musl"],
  });
});

test("npm installs this platform's package alone, and `mosaic` is its executable", async () => {
  using project = tempHome();
  project.write("package.json", "{}");
  const env = {
    ...process.env,
    npm_config_registry: registry.url,
    npm_config_cache: home.at("cache"),
  };
  const argv = ["npm", "install", "--no-audit", "--no-fund", "@mosaicstack/mosaic"];
  await outputOf(argv, { cwd: project.path, env });
  const installed = readdirSync(project.at("node_modules/@mosaicstack"));
  expect(installed.toSorted()).toEqual(["mosaic", `mosaic-${host}`]);
  const mosaic = project.at("node_modules/.bin/mosaic");
  const said = await runCommand([mosaic, "a b", "--c"], { env: { ...process.env, EXIT: "3" } });
  expect(said).toMatchObject({ exitCode: 3, stdout: `${host} a b --c\n`, stderr: "" });
  // A signal reaches it, and what it exits with is what the caller gets.
  const child = Bun.spawn([mosaic, "wait"], { stdout: "pipe", stderr: "inherit" });
  const output: string[] = [];
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) output.push(decoder.decode(chunk));
  })();
  await eventually(() => output.join("").includes("ready"), { what: "the executable" });
  child.kill("SIGTERM");
  expect(await child.exited).toBe(7);
  await reading;
  expect(output.join("")).toBe("ready\ntold\n");
}, 60_000);

test("without a package that fits, the error says what is missing and how to get it", async () => {
  using alone = tempHome();
  cpSync(home.at("npm/mosaic"), alone.at("mosaic"), { recursive: true });
  const result = await runCommand(["node", alone.at("mosaic/dist/mosaic.cjs"), "--version"]);
  expect(result).toMatchObject({ exitCode: 1, stdout: "" });
  expect(result.stderr).toBe(
    `mosaic: there is no package for ${host}, or npm left it out (--omit=optional)\n` +
      `  hint: npm install @mosaicstack/mosaic-${host}\n`,
  );
});

test("an executable that cannot be started is named", async () => {
  using alone = tempHome();
  cpSync(home.at("npm/mosaic"), alone.at("mosaic"), { recursive: true });
  rmSync(alone.at("mosaic/dist/mosaic"), { force: true });
  writeFileSync(alone.at("mosaic/dist/mosaic"), "", { mode: 0o644 });
  const result = await runCommand(["node", alone.at("mosaic/dist/mosaic.cjs"), "--version"]);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain(alone.at("mosaic/dist/mosaic"));
  expect(readFileSync(alone.at("mosaic/dist/mosaic"), "utf8")).toBe("");
});
