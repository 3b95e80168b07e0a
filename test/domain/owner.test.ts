// Who may replace the executable, by where it lies.
import { expect, test } from "bun:test";
import { type OwnerFacts, ownerOf } from "../../src/domain/owner.ts";

const cases: [string, Partial<OwnerFacts>, string][] = [
  ["/home/a/.local/share/mosaic/mosaic", { hasReceipt: true }, "ours"],
  // What install.sh put into a container is there for as long as that is.
  ["/h/.local/share/mosaic/mosaic", { hasReceipt: true, isContainer: true }, "ours"],
  [
    "/usr/lib/node_modules/@mosaicstack/mosaic/node_modules/@mosaicstack/mosaic-linux-x64/mosaic",
    { isContainer: true },
    "npm install --global @mosaicstack/mosaic@latest",
  ],
  [
    "/srv/p/node_modules/@mosaicstack/mosaic-linux-x64/mosaic",
    {},
    "npm install @mosaicstack/mosaic@latest",
  ],
  [
    "/h/pnpm/global/5/.pnpm/x/node_modules/y/mosaic",
    {},
    "pnpm add --global @mosaicstack/mosaic@latest",
  ],
  [
    "/h/.bun/install/global/node_modules/y/mosaic",
    {},
    "bun add --global @mosaicstack/mosaic@latest",
  ],
  [
    "/usr/bin/mosaic",
    { package: { manager: "dpkg", name: "mosaic" } },
    "sudo apt-get install --only-upgrade mosaic",
  ],
  ["/usr/bin/mosaic", { package: { manager: "rpm", name: "mosaic" } }, "sudo dnf upgrade mosaic"],
  ["/nix/store/abc-mosaic/bin/mosaic", {}, "nix profile upgrade mosaic"],
  ["/opt/homebrew/Cellar/mosaic/1/bin/mosaic", {}, "brew upgrade mosaic"],
  ["/usr/local/bin/mosaic", { isContainer: true }, "docker compose pull && docker compose up -d"],
  ["/usr/local/bin/mosaic", {}, "curl -fsSL URL/install.sh | sh"],
];

test.each(cases)("%s %j", (path, facts, command) => {
  const owner = ownerOf({ path, hasReceipt: false, isContainer: false, ...facts });
  expect(owner.kind === "ours" ? "ours" : owner.command).toBe(command);
});
