// `mosaic config`: the settings of this site, and the hooks of Claude Code. Data only.
import type { Group } from "../_tree.ts";
import { hooksGroup } from "./hooks/index.ts";

export const configGroup: Group = {
  name: "config",
  summary: "settings, and the hooks of Claude Code",
  examples: ["mosaic config hooks list"],
  children: [hooksGroup],
};
