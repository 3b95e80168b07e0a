// What a release is made of, apart from the executables.
import { describe, expect, test } from "bun:test";
import { verify, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { minimumGlibc } from "../release/archives.ts";
import { installScript } from "../release/install-script.ts";
import { releaseNotes } from "../release/notes.ts";
import { parseOptions } from "../release/options.ts";
import { openSigner } from "../release/signing.ts";
import { addRelease, testSigner } from "./support/fake-release.ts";
import { outputOf } from "./support/run-command.ts";
import { tempHome } from "./support/temp-home.ts";

describe("notes", () => {
  const changelog = "# Changelog\n\n## Unreleased\n\nNew.\n\n## 0.2.0 (2026-11-01)\n\nOld.\n";
  test.each([
    ["0.2.0", "# Mosaic 0.2.0\n\nOld.\n"],
    ["0.3.0", "# Mosaic 0.3.0\n\nNew.\n"],
  ])("%s", (version, text) => expect(releaseNotes(changelog, version)).toBe(text));

  test("a version of which nothing is said is no release", () => {
    expect(() => releaseNotes("# Changelog\n\n## Unreleased\n", "0.3.0")).toThrow("says nothing");
  });
});

describe("key", () => {
  test("without one, the command that makes one is named", () => {
    expect(() => openSigner(undefined, {})).toThrow("openssl genpkey -algorithm ed25519");
  });

  test("another kind of key is refused", async () => {
    const pem = await outputOf(["openssl", "genpkey", "-algorithm", "rsa"]);
    expect(() => openSigner(undefined, { MOSAIC_RELEASE_KEY: pem })).toThrow("is rsa, not ed25519");
  });
});

test("the checksums are what sha256sum reads, and the signature what Ed25519 says of them", async () => {
  using folder = tempHome();
  const signer = testSigner();
  addRelease(folder.path, { version: "1.0.0", signer });
  const said = await outputOf(["sha256sum", "-c", "SHA256SUMS"], { cwd: folder.at("1.0.0") });
  expect(said).toContain("mosaic-1.0.0-linux-x64.gz: OK\n");
  expect(said.match(/: OK$/gm)).toHaveLength(21);
  const sums = readFileSync(folder.at("1.0.0/SHA256SUMS"));
  const signature = readFileSync(folder.at("1.0.0/SHA256SUMS.sig"));
  expect(verify(null, sums, createPublicKey(signer.publicPem), signature)).toBe(true);
});

test("install.sh of a release knows its address and its key", () => {
  const template = "a=1\ndefault_base_url=''\nrelease_key=''\n";
  const facts = { baseUrl: "https://example.test/$&", publicPem: "KEY\n" };
  expect(installScript(template, facts)).toBe(
    "a=1\ndefault_base_url='https://example.test/$&'\nrelease_key='KEY'\n",
  );
  expect(() => installScript("", facts)).toThrow("has no default_base_url");
  expect(() => installScript(template, { ...facts, baseUrl: "'; rm" })).toThrow("a quote");
});

test("options: what is not known is refused, with the usage", () => {
  expect(parseOptions(["--targets", "linux-x64", "--no-proof"], {})).toMatchObject({
    targets: ["linux-x64"],
    isProven: false,
    baseUrl: "",
  });
  for (const args of [["--targets", "plan9"], ["--sign"], ["--key"]]) {
    expect(() => parseOptions(args, {})).toThrow("usage: npm run release");
  }
});

test("the newest glibc that an executable asks for is read from its version names", () => {
  const elf = "\0GLIBC_2.2.5\0GLIBC_2.17\0GLIBC_2.9\0GLIBC_PRIVATE\0xGLIBC_3.0\0";
  expect(minimumGlibc(Buffer.from(elf, "latin1"))).toBe("2.17");
  expect(minimumGlibc(Buffer.from("no names"))).toBeUndefined();
});
