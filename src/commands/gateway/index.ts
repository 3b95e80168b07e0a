// `mosaic gateway`: the daemon that offers the fleet over HTTP. Data only.
import type { Group } from "../_tree.ts";

export const gatewayGroup: Group = {
  name: "gateway",
  summary: "offer the fleet over HTTP, to accounts and tokens",
  examples: ["mosaic gateway run"],
  children: [
    {
      name: "run",
      summary: "run the gateway in the foreground",
      details: [
        "Fit for a container's entry point. Settings come from the environment and the configuration: mosaic config show",
      ],
      examples: ["mosaic gateway run", "mosaic gateway run --port 14243"],
      load: () => import("./run.ts"),
    },
    {
      name: "admin",
      summary: "the accounts that may administer the gateway, by its files alone",
      examples: ["mosaic gateway admin list"],
      children: [
        {
          name: "create",
          summary: "add an admin",
          details: [
            "Name, e-mail and password come from MOSAIC_ADMIN_NAME, MOSAIC_ADMIN_EMAIL and MOSAIC_ADMIN_PASSWORD, each also as …_FILE.",
          ],
          examples: ["mosaic gateway admin create"],
          load: () => import("./admin/create.ts"),
        },
      ],
    },
  ],
};
