// An installation as install.sh makes it, in a home with a roster, a configuration, a secret and a message, and a server with
// releases of small scripts: the ground on which updates are tried.
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { files } from "../../src/adapters/files.ts";
import { openDatabase } from "../../src/adapters/sqlite.ts";
import { sha256Hex } from "../../src/domain/hash.ts";
import { addRelease, testSigner } from "./fake-release.ts";
import { type ReleaseServer, releaseServer } from "./release-server.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { tempHome, type TempHome } from "./temp-home.ts";
import type { UpdateProcess } from "./update-process.ts";

const signer = testSigner();

/** What the releases here are signed with; raw, base64. */
export const releasePublicKey = signer.publicKey;

const root = ".local/share/mosaic";
const usualPath = "/usr/local/bin:/usr/bin:/bin";

/** Understands what an update asks of a version; `broken` is put before it. */
export function candidateScript(version: string, broken = ""): string {
  return [
    "#!/bin/sh",
    broken,
    `[ "\${1-}" != --version ] || { echo "mosaic ${version} (test)"; exit; }`,
    `[ "\${1-}" != doctor ] || { echo '{"checks":[]}'; exit; }`,
    "",
  ].join("\n");
}

/** Folder with releases 0.2.0 and 0.3.0; dispose it. */
export function updateReleases(): TempHome {
  const releases = tempHome();
  for (const version of ["0.2.0", "0.3.0"]) add(releases, version);
  return releases;
}

/** One more version in it, signed by the same key. */
export function add(releases: TempHome, version: string, script = candidateScript(version)): void {
  addRelease(releases.path, { version, signer, script });
}

export interface UpdateSite extends Disposable {
  home: TempHome;
  server: ReleaseServer;
  /** Absolute path of the installation's folder. */
  root: string;
  /** What `mosaic update ARGS…` does; dies at a moment, and believes `keys`, as UpdateProcess says; `through` stands before its argv. */
  update: (
    args: readonly string[],
    options?: { dieAt?: number; through?: readonly string[]; keys?: readonly string[] },
  ) => Promise<CommandResult>;
  /** What `--version` of the link on the PATH prints. */
  version: () => Promise<string>;
  /** Hashes of all that is the site's. */
  manifest: () => Record<string, string>;
  /** Steps of all updates so far. */
  steps: () => string[];
}

const owned = {
  ".config/mosaic/fleet/roster.yaml":
    "version: 1\nsocket: mosaic-update-t\nsupervisor: builtin\ndefaults: { runtime: canary }\nagents: [{ name: lead }]\n",
  ".config/mosaic/config.yaml": "gateway: { port: 14242 }\n",
  ".config/mosaic/fleet/lead.env": "ANTHROPIC_API_KEY=a-secret\n",
  ".local/share/mosaic/gateway/token": "a-token\n",
};

/** Puts 0.2.0 there as install.sh does (test/install.test.ts holds it to that), which takes a tenth of the time. */
function installOld(home: TempHome, baseUrl: string): void {
  const link = home.at(".local/bin/mosaic");
  home.write(`${root}/versions/0.2.0/mosaic`, candidateScript("0.2.0"), 0o755);
  const receipt = { schemaVersion: 1, installedBy: "install.sh", baseUrl, link, pathFiles: [] };
  home.write(`${root}/receipt.json`, JSON.stringify(receipt));
  symlinkSync("versions/0.2.0/mosaic", home.at(`${root}/mosaic`));
  mkdirSync(home.at(".local/bin"), { recursive: true });
  symlinkSync(home.at(`${root}/mosaic`), link);
}

/** The site, with 0.2.0 in use. */
export async function updateSite(releases: TempHome): Promise<UpdateSite> {
  const home = tempHome();
  const server = releaseServer(releases.path);
  for (const [path, text] of Object.entries(owned)) home.write(path, text);
  const env = { HOME: home.path, PATH: usualPath, TMUX_TMPDIR: home.path };
  installOld(home, server.url);
  const state = home.at(".local/state/mosaic/state.db");
  using database = await openDatabase(state, { create: true });
  database?.script("CREATE TABLE messages (seq INTEGER PRIMARY KEY, body TEXT)");
  database?.run("INSERT INTO messages (body) VALUES (?)", "remember this");
  const settings = { root: home.at(root), keys: [signer.publicKey], log: home.at("steps") };
  await files.write(settings.log, "", 0o600);
  return {
    home,
    server,
    root: home.at(root),
    update: (args, { dieAt = -1, through = [], keys = settings.keys } = {}) => {
      const whole: UpdateProcess = { ...settings, keys, args, dieAt };
      const program = `${import.meta.dir}/update-process.ts`;
      const argv = [process.execPath, program, JSON.stringify(whole)];
      return runCommand([...through, ...argv], { env, timeoutMs: 120_000 });
    },
    version: async () =>
      (await runCommand([home.at(".local/bin/mosaic"), "--version"], { env })).stdout.trim(),
    manifest: () => ({
      ...Object.fromEntries(Object.keys(owned).map((path) => [path, sha256Hex(home.read(path))])),
      state: sha256Hex(readFileSync(state)),
    }),
    steps: () => home.read("steps").trim().split("\n"),
    [Symbol.dispose]() {
      server[Symbol.dispose]();
      home.remove();
    },
  };
}
