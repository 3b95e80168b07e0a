// `mosaic update` and everything that can go wrong with it: afterwards the old or the new version runs, never none, and
// what is the site's has the same hashes. Real processes, files and HTTP; the versions are small scripts. Over 200 lines because
// the matrix of faults stands in one place.
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { files } from "../../src/adapters/files.ts";
import type { Fault } from "../support/release-server.ts";
import { outputOf } from "../support/run-command.ts";
import {
  add,
  candidateScript,
  releasePublicKey,
  updateReleases,
  updateSite,
  type UpdateSite,
} from "../support/update-site.ts";

const releases = updateReleases();
afterAll(() => releases.remove());

/** Dozens of processes, on a machine that has other things to do. */
const limitMs = 180_000;
const old = "mosaic 0.2.0 (test)";
const fresh = "mosaic 0.3.0 (test)";

test("updates, proves that nothing was lost, keeps two versions, and goes back", async () => {
  using site = await updateSite(releases);
  const before = site.manifest();
  expect(await site.update(["--check"])).toMatchObject({
    exitCode: 0,
    stdout: "current  0.2.0\nlatest   0.3.0\nupdate available: mosaic update\n",
  });
  const done = await site.update(["--json"]);
  expect(done).toMatchObject({ exitCode: 0 });
  const report: unknown = JSON.parse(done.stdout);
  const file = (path: string) => ({ what: site.home.at(path), fate: "unchanged" });
  expect(report).toMatchObject({ schemaVersion: 1, result: "updated", from: "0.2.0", to: "0.3.0" });
  expect(report).toMatchObject({
    manifest: [
      file(".config/mosaic/config.yaml"),
      file(".config/mosaic/fleet/lead.env"),
      file(".config/mosaic/fleet/roster.yaml"),
      file(".local/share/mosaic/gateway/token"),
      file(".local/state/mosaic/state.db messages"),
    ],
  });
  expect(site.manifest()).toEqual(before);
  expect(await site.version()).toBe(fresh);
  expect(readdirSync(`${site.root}/versions`).toSorted()).toEqual(["0.2.0", "0.3.0"]);
  expect(await site.update([])).toMatchObject({
    exitCode: 0,
    stdout: "mosaic 0.3.0 is the newest\n",
  });
  expect(await site.update(["--rollback"])).toMatchObject({ exitCode: 0 });
  expect(await site.version()).toBe(old);
  expect(await site.update(["--rollback"])).toMatchObject({ exitCode: 0 });
  expect(await site.version()).toBe(fresh);
  expect(site.manifest()).toEqual(before);
});

describe("what comes from the server and is not right", () => {
  const archive = "mosaic-0.3.0-linux-x64.zst";
  const cases: [string, string, Fault, number, string][] = [
    ["corrupted archive", archive, "corrupt", 4, "is not what the release says"],
    ["truncated download", archive, "truncated", 1, "cannot get"],
    ["short download", archive, "short", 4, "is not what the release says"],
    ["a server that dies", archive, "dead", 1, "cannot get"],
    ["missing archive", archive, "missing", 1, "there is no"],
    ["wrong checksums", "SHA256SUMS", "corrupt", 4, "the signature of"],
    ["wrong signature", "SHA256SUMS.sig", "corrupt", 4, "the signature of"],
    ["missing signature", "SHA256SUMS.sig", "missing", 1, "there is no"],
    ["short signature", "SHA256SUMS.sig", "short", 4, "the signature of"],
    ["no latest version", "latest", "missing", 1, "there is no"],
  ];
  test.concurrent.each(cases)("%s", async (_name, path, fault, exitCode, said) => {
    using site = await updateSite(releases);
    const before = site.manifest();
    site.server.faults.set(path, fault);
    const result = await site.update([]);
    expect(result.stderr).toContain(said);
    expect(result).toMatchObject({ exitCode, stdout: "" });
    expect(await site.version()).toBe(old);
    expect(site.manifest()).toEqual(before);
    expect(readdirSync(`${site.root}/versions`)).toEqual(["0.2.0"]);
  });
});

describe("a candidate that is signed and does not work", () => {
  const cases: [string, string, string, string][] = [
    ["crashes on start", "1.0.1", "kill -SEGV $$", "--version ends with"],
    ["says another version", "1.0.2", "echo mosaic 9.9.9; exit", "--version ends with"],
    ["hangs", "1.0.3", "exec sleep 600", "does not answer within 10 s"],
    [
      "has a doctor that crashes",
      "1.0.4",
      '[ "$1" != doctor ] || exit 70',
      "its doctor does not work",
    ],
    [
      "does not understand the roster",
      "1.0.5",
      `[ "$1" != doctor ] || { echo '{"checks":[{"id":"roster","status":"problem","detail":"what is socket?"}]}'; exit 3; }`,
      "roster: what is socket?",
    ],
    [
      "does not settle",
      "1.0.6",
      '[ "$1" != settle ] || { echo gone >&2; exit 1; }',
      "0.2.0 is in use again: exit 1: gone",
    ],
  ];
  test.concurrent.each(cases)(
    "%s",
    async (_name, version, broken, said) => {
      using own = updateReleases();
      add(own, version, candidateScript(version, broken));
      using site = await updateSite(own);
      const before = site.manifest();
      const result = await site.update([]);
      expect(result.stderr).toContain(said);
      expect(result.exitCode).toBe(1);
      expect(await site.version()).toBe(old);
      expect(site.manifest()).toEqual(before);
      expect(readdirSync(site.root).filter((name) => name.startsWith(".update"))).toEqual([]);
      expect(existsSync(`${site.root}/update.json`)).toBe(false);
      expect(readdirSync(site.root)).not.toContain("previous");
    },
    limitMs,
  );
});

test("what a version that does not settle has ended runs again, and the way back leads where it led", async () => {
  using own = updateReleases();
  using site = await updateSite(releases);
  await site.update([]);
  const gateway = await standInGateway(site);
  const ends = `[ "$1" != settle ] || { kill ${gateway.pid}; exit 1; }`;
  add(own, "1.0.7", candidateScript("1.0.7", ends));
  const log = site.home.at("started");
  const says = candidateScript("0.3.0", `[ "$1" != gateway ] || echo "$@" >>${log}`);
  site.home.write(".local/share/mosaic/versions/0.3.0/mosaic", says, 0o755);
  const result = await site.update(["--from", own.path]);
  await gateway.exited;
  expect(result).toMatchObject({ exitCode: 1 });
  expect(result.stderr).toContain("0.3.0 is in use again");
  expect(site.home.read("started")).toBe("gateway start\n");
  expect(readlinkSync(`${site.root}/previous`)).toBe("versions/0.2.0/mosaic");
  expect(await site.update(["--rollback"])).toMatchObject({ exitCode: 0 });
  expect(await site.version()).toBe(old);
});

/** A process that holds the gateway's lock, with a unit of this home. */
async function standInGateway({ home }: UpdateSite) {
  const contact = { schemaVersion: 1, pid: 1, instance: "a", url: "http://127.0.0.1:1" };
  const rest = { tier: "local", version: "0.3.0", startedAt: 0 };
  home.write(".local/state/mosaic/gateway.json", JSON.stringify({ ...contact, ...rest }));
  const unit = `[Service]\nEnvironment="MOSAIC_HOME=${home.at(".config/mosaic")}"\n`;
  home.write(".config/systemd/user/mosaic-gateway.service", unit);
  const lock = home.at(".local/state/mosaic/gateway.lock");
  home.write(".local/state/mosaic/gateway.lock", "");
  const holder = Bun.spawn(["flock", "--no-fork", lock, "sh", "-c", "echo held; exec sleep 60"], {
    stdout: "pipe",
  });
  const { value } = await holder.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("held\n");
  return holder;
}

test("two at once: one updates, the other says so with exit 75 or finds it done", async () => {
  using site = await updateSite(releases);
  const both = await Promise.all([site.update([]), site.update([])]);
  const codes = both.map(({ exitCode }) => exitCode).toSorted((a, b) => a - b);
  expect([
    [0, 75],
    [0, 0],
  ]).toContainEqual(codes);
  expect(await site.version()).toBe(fresh);
});

test("a key is replaced by a version that believes both: the old ones still refuse the new key", async () => {
  const { addRelease, testSigner } = await import("../support/fake-release.ts");
  const next = testSigner();
  using site = await updateSite(releases);
  using later = updateReleases();
  addRelease(later.path, { version: "0.4.0", signer: next, script: candidateScript("0.4.0") });
  const from = ["--from", later.path];
  const refused = await site.update(from);
  expect(refused).toMatchObject({ exitCode: 4 });
  expect(await site.version()).toBe(old);
  // 0.3.0 is of the old key, and was built with --trust for the new one.
  expect(await site.update([])).toMatchObject({ exitCode: 0 });
  const both = [releasePublicKey, next.publicKey];
  expect(await site.update(from, { keys: both })).toMatchObject({ exitCode: 0 });
  expect(await site.version()).toBe("mosaic 0.4.0 (test)");
  // And one that believes the new one alone takes nothing of the old one any more.
  const stolen = await site.update(["--version", "0.2.0"], { keys: [next.publicKey] });
  expect(stolen).toMatchObject({ exitCode: 4 });
  expect(stolen.stderr).toContain("the signature of");
});

test("a release of another key is not believed, and an older one is not followed", async () => {
  using site = await updateSite(releases);
  using theirs = updateReleases();
  const { addRelease, testSigner } = await import("../support/fake-release.ts");
  addRelease(theirs.path, { version: "0.9.0", signer: testSigner() });
  const wrong = await site.update(["--from", theirs.path]);
  expect(wrong).toMatchObject({ exitCode: 4 });
  expect(wrong.stderr).toContain("the signature of");
  await site.update([]);
  using older = updateReleases();
  add(older, "0.1.0");
  const refused = await site.update(["--from", older.path]);
  expect(refused).toMatchObject({ exitCode: 0 });
  expect(refused.stdout).toContain("is newer than the newest release (0.1.0)");
  expect(await site.version()).toBe(fresh);
  const named = await site.update(["--from", older.path, "--version", "0.1.0"]);
  expect(named).toMatchObject({ exitCode: 0 });
  expect(await site.version()).toBe("mosaic 0.1.0 (test)");
  expect(readdirSync(`${site.root}/versions`).toSorted()).toEqual(["0.1.0", "0.3.0"]);
});

test(
  "a kill between any two steps leaves the old or the new version, and the next update completes",
  async () => {
    using whole = await updateSite(releases);
    expect(await whole.update([])).toMatchObject({ exitCode: 0 });
    const steps = whole.steps();
    expect(steps.filter((step) => step.startsWith("before "))).toEqual([
      "before fetch latest",
      "before fetch SHA256SUMS",
      "before fetch SHA256SUMS.sig",
      "before fetch mosaic-0.3.0-linux-x64.zst",
      "before write mosaic",
      "before make the work folder",
      "before run mosaic --version",
      "before write roster.yaml",
      "before write config.yaml",
      "before make the work folder",
      "before run mosaic doctor",
      "before remove the work folder",
      "before run tmux -u",
      "before write update.json",
      "before link previous",
      "before link mosaic",
      "before run mosaic settle",
      "before run tmux -u",
      "before remove update.json",
    ]);
    const seen = new Set<string>();
    // After one step is before the next one.
    const cuts = steps.flatMap((step, index) => (step.startsWith("before ") ? [index] : []));
    cuts.push(steps.length - 1);
    const one = async (dieAt: number): Promise<void> => {
      using site = await updateSite(releases);
      const before = site.manifest();
      expect(await site.update([], { dieAt }), steps[dieAt]).toMatchObject({ exitCode: 137 });
      const version = await site.version();
      expect([old, fresh], steps[dieAt]).toContain(version);
      seen.add(version);
      expect(site.manifest(), steps[dieAt]).toEqual(before);
      expect(await site.update([]), steps[dieAt]).toMatchObject({ exitCode: 0 });
      expect(await site.version()).toBe(fresh);
      expect(site.manifest(), steps[dieAt]).toEqual(before);
      const left = readdirSync(site.root).filter((name) => /^\.|update\.json/.test(name));
      expect(left, steps[dieAt]).toEqual([]);
      expect(readdirSync(`${site.root}/versions/0.3.0`)).toEqual(["mosaic"]);
    };
    const worker = async (): Promise<void> => {
      for (let cut = cuts.shift(); cut !== undefined; cut = cuts.shift()) await one(cut);
    };
    await Promise.all([worker(), worker(), worker()]);
    expect([...seen].toSorted()).toEqual([old, fresh]);
  },
  limitMs,
);

/** In a mount namespace of its own: what has to run before the update; $0 is the installation. */
const inNamespace = (site: UpdateSite, mount: string) => {
  const script = `${mount} && "$@"; rc=$?; "$0/mosaic" --version; exit $rc`;
  return ["unshare", "-m", "sh", "-c", script, site.root];
};

test("a full disk: the fault is told, and the old version goes on", async () => {
  using own = updateReleases();
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(200_000))).toString("hex");
  add(own, "0.4.0", candidateScript("0.4.0", `# ${noise}`));
  using site = await updateSite(own);
  const tiny =
    'cp -a "$0" "$0.was" && mount -t tmpfs -o size=300k none "$0" && cp -a "$0.was/." "$0"';
  const result = await site.update([], { through: inNamespace(site, tiny) });
  expect(result.stderr).toContain("no space left on device");
  expect(result).toMatchObject({ exitCode: 1, stdout: `${old}\n` });
});

test("a read-only installation: the fault is told, and the old version goes on", async () => {
  using site = await updateSite(releases);
  const readOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"';
  const result = await site.update([], { through: inNamespace(site, readOnly) });
  expect(result.stderr).toContain("read-only");
  expect(result).toMatchObject({ exitCode: 1, stdout: `${old}\n` });
});

test("an executable that runs is replaced: it keeps the file that it was started from", async () => {
  using site = await updateSite(releases);
  const target = `${site.root}/versions/0.3.0/mosaic`;
  await files.makeDir(`${site.root}/versions/0.3.0`, 0o755);
  await outputOf(["cp", "/bin/sleep", target]);
  const running = Bun.spawn([target, "60"]);
  const result = await site.update([]);
  running.kill("SIGKILL");
  await running.exited;
  expect(result).toMatchObject({ exitCode: 0 });
  expect(await site.version()).toBe(fresh);
});
