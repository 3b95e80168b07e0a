// The root of the command tree. The path is the command: `mosaic agent send` is commands/agent/send.ts.
import { agentGroup } from "./agent/index.ts";
import { configGroup } from "./config/index.ts";
import { fleetGroup } from "./fleet/index.ts";
import { gatewayGroup } from "./gateway/index.ts";
import { hookGroup } from "./hook/index.ts";
import { lockGroup } from "./lock/index.ts";
import { type Group, type Place, walkTree } from "./_tree.ts";

/** `mosaic` itself. */
export const rootGroup: Group = {
  name: "mosaic",
  summary: "the supervisor for AI agents on hosts you own",
  examples: [
    "mosaic fleet init --profile demo --write",
    "mosaic fleet start",
    'mosaic agent send canary-1 --message "status check"',
    "mosaic agent tail canary-1 -n 20",
  ],
  children: [
    {
      name: "wizard",
      summary: "set up this host: tools, roster, units, hooks",
      details: [
        "Asks at a terminal. With MOSAIC_ASSUME_YES=1, or where standard input is none, it asks nothing and takes flags and the environment; --json asks nothing either, so at a terminal it needs --dry-run or that variable. Either way it shows its plan first, and writes nothing before every answer is valid. What is there already is kept.",
      ],
      examples: [
        "mosaic wizard",
        "mosaic wizard --dry-run",
        "MOSAIC_ASSUME_YES=1 mosaic wizard --profile demo --start",
      ],
      load: () => import("./wizard.ts"),
    },
    fleetGroup,
    agentGroup,
    gatewayGroup,
    lockGroup,
    configGroup,
    hookGroup,
    {
      name: "doctor",
      summary: "check this host and say how to fix what is missing",
      details: ["Exits 0 when all is well and 3 when something is missing."],
      examples: ["mosaic doctor", "mosaic doctor --fix", "mosaic doctor --json"],
      load: () => import("./doctor.ts"),
    },
    {
      name: "update",
      summary: "install another version of mosaic while the agents run on",
      details: [
        "It checks the signature and tries the new version before anything leads to it, and goes back by itself when that does not come up.",
        "Where npm, a package manager or a container's image owns mosaic, it prints their command and changes nothing.",
      ],
      examples: ["mosaic update", "mosaic update --check", "mosaic update --rollback"],
      load: () => import("./update.ts"),
    },
    {
      name: "uninstall",
      summary: "stop the fleet and remove mosaic from this host",
      details: ["It keeps the roster, the configuration and all data unless --purge is given."],
      examples: ["mosaic uninstall --dry-run", "mosaic uninstall", "mosaic uninstall --purge"],
      load: () => import("./uninstall.ts"),
    },
    {
      name: "settle",
      summary: "bring the framework, the units and the supervisor up to this version",
      examples: ["mosaic settle"],
      hidden: true,
      load: () => import("./settle.ts"),
    },
    {
      name: "completions",
      summary: "print the completion script for a shell",
      details: [
        "bash: add `source <(mosaic completions bash)` to ~/.bashrc.",
        "zsh: add `source <(mosaic completions zsh)` to ~/.zshrc, after compinit.",
        "fish: run `mosaic completions fish > ~/.config/fish/completions/mosaic.fish` once.",
      ],
      examples: ["source <(mosaic completions bash)"],
      load: () => import("./completions.ts"),
    },
    {
      name: "canary",
      summary: "run the built-in canary agent in this terminal",
      examples: ["mosaic canary"],
      hidden: true,
      load: () => import("./canary.ts"),
    },
    {
      name: "complete",
      summary: "answer a shell's completion request",
      examples: ["mosaic complete -- agent send ca"],
      hidden: true,
      load: () => import("./complete.ts"),
    },
  ],
};

/** Every command with its path, for help tests, completions and docs. */
export function walk(): Generator<Place> {
  return walkTree(rootGroup);
}
