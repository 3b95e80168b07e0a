// `mosaic config hooks`: the hooks of Claude Code. Data only.
import type { Group } from "../../_tree.ts";

export const hooksGroup: Group = {
  name: "hooks",
  summary: "see and switch the hooks of Claude Code",
  details: [
    "Claude Code's settings.json gets one entry per event, which never changes; what runs is decided in hooks-config.json beside it, so that switching works in a running session and can always be undone. The folder is CLAUDE_HOME, else CLAUDE_CONFIG_DIR, else ~/.claude.",
  ],
  examples: ["mosaic config hooks list", "mosaic config hooks disable PostToolUse"],
  children: [
    {
      name: "list",
      summary: "show every hook, mosaic's and others', and whether it is on",
      details: ["Of this person's settings; hooks of a project stand in its own .claude folder."],
      examples: ["mosaic config hooks list", "mosaic config hooks list --json"],
      load: () => import("./list.ts"),
    },
    {
      name: "disable",
      summary: "switch off an event or one hook",
      details: ["It can be undone to the byte with enable."],
      examples: [
        "mosaic config hooks disable PostToolUse",
        "mosaic config hooks disable session-log",
      ],
      load: () => import("./disable.ts"),
    },
    {
      name: "enable",
      summary: "switch an event or one hook on again",
      examples: [
        "mosaic config hooks enable PostToolUse",
        "mosaic config hooks enable secrets-guard",
      ],
      load: () => import("./enable.ts"),
    },
    {
      name: "verify",
      summary: "check that the hooks that are on really run",
      details: ["Exits 3 when one does not, or when none is installed."],
      examples: ["mosaic config hooks verify"],
      load: () => import("./verify.ts"),
    },
    {
      name: "repair",
      summary: "install the hooks, or mend what is wrong with them",
      examples: ["mosaic config hooks repair --dry-run", "mosaic config hooks repair"],
      load: () => import("./repair.ts"),
    },
    {
      name: "uninstall",
      summary: "take mosaic's entries out of settings.json",
      details: [
        "The file is as it was before, to the byte when nothing else has changed in it. hooks-config.json stays, and says that this was wanted: only repair and the wizard put the hooks in again.",
      ],
      examples: ["mosaic config hooks uninstall"],
      load: () => import("./uninstall.ts"),
    },
  ],
};
