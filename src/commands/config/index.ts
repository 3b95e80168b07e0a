// `mosaic config`: the settings of this site, and the hooks of Claude Code. Data only.
import type { Group } from "../_tree.ts";
import { hooksGroup } from "./hooks/index.ts";

export const configGroup: Group = {
  name: "config",
  summary: "settings, and the hooks of Claude Code",
  details: [
    "A setting comes from, the later the stronger: its default, config.yaml, its secret file, VARIABLE or the file that VARIABLE_FILE names (both at once is a fault), a flag. Secrets stand in files of their own and are shown as a mask.",
  ],
  examples: ["mosaic config show --origin", "mosaic config hooks list"],
  children: [
    {
      name: "show",
      summary: "show every setting, and where it came from",
      details: ["Exits 2 when something is not valid, and says what; no default stands in for it."],
      examples: ["mosaic config show", "mosaic config show --origin", "mosaic config show --json"],
      load: () => import("./show.ts"),
    },
    {
      name: "get",
      summary: "print one setting",
      details: ["Exits 1 when it is not set. A secret is never printed."],
      examples: ["mosaic config get gateway.port"],
      load: () => import("./get.ts"),
    },
    {
      name: "set",
      summary: "change one setting",
      details: ["Comments and order of config.yaml stay. A secret is read from standard input."],
      examples: [
        "mosaic config set gateway.port 8080 --dry-run",
        "mosaic config set gateway.databaseUrl < url.txt",
      ],
      load: () => import("./set.ts"),
    },
    {
      name: "unset",
      summary: "take one setting out, so that its default counts again",
      examples: ["mosaic config unset gateway.port"],
      load: () => import("./unset.ts"),
    },
    {
      name: "validate",
      summary: "check everything that is set",
      details: ["Exits 2 with every fault and its place."],
      examples: ["mosaic config validate"],
      load: () => import("./validate.ts"),
    },
    {
      name: "path",
      summary: "print where config.yaml is",
      examples: ["mosaic config path"],
      load: () => import("./path.ts"),
    },
    hooksGroup,
  ],
};
