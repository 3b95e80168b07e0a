// Who put this executable here, and so who may replace it. Pure: the facts are looked up by update/installation.ts.

/** What is known of the executable that runs. */
export interface OwnerFacts {
  /** Its path without symlinks. */
  path: string;
  /** A receipt of install.sh lies where one would. */
  hasReceipt: boolean;
  /** `dpkg -S PATH` and the like: the package that owns the file. */
  package?: { manager: "dpkg" | "rpm"; name: string } | undefined;
  /** An image was made into this root: /.dockerenv or /run/.containerenv. */
  isContainer: boolean;
}

/** ours: by `mosaic update`. All others are told in `command`, for a person to type. */
export type Owner =
  | { kind: "ours" }
  | { kind: "npm" | "package" | "container" | "copied"; name: string; command: string };

/** The receipt is looked at first: what install.sh put into a container is there for as long as that is. */
export function ownerOf(facts: OwnerFacts): Owner {
  const { path } = facts;
  if (facts.hasReceipt) return { kind: "ours" };
  if (path.includes("/node_modules/")) return npmOwner(path);
  if (path.startsWith("/nix/store/")) return owned("package", "Nix", "nix profile upgrade mosaic");
  if (/\/(Cellar|homebrew)\//.test(path))
    return owned("package", "Homebrew", "brew upgrade mosaic");
  if (facts.package?.manager === "dpkg") {
    const command = `sudo apt-get install --only-upgrade ${facts.package.name}`;
    return owned("package", "apt", command);
  }
  if (facts.package?.manager === "rpm") {
    return owned("package", "dnf", `sudo dnf upgrade ${facts.package.name}`);
  }
  if (facts.isContainer) {
    const command = "docker compose pull && docker compose up -d";
    return owned("container", "this container's image", command);
  }
  return owned("copied", "whoever copied it there", "curl -fsSL URL/install.sh | sh");
}

/** The package's name and the program that installed it, by the folders that each of them makes. */
function npmOwner(path: string): Owner {
  const name = "@mosaicstack/mosaic@latest";
  if (path.includes("/.pnpm/")) {
    return owned("npm", "pnpm", `pnpm add ${path.includes("/global/") ? "--global " : ""}${name}`);
  }
  if (path.includes("/.bun/")) return owned("npm", "bun", `bun add --global ${name}`);
  const isGlobal = path.includes("/lib/node_modules/");
  return owned("npm", "npm", `npm install ${isGlobal ? "--global " : ""}${name}`);
}

function owned(kind: "npm" | "package" | "container" | "copied", name: string, command: string) {
  return { kind, name, command };
}
