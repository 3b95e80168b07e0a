// `mosaic gateway`: the daemon that offers the fleet over HTTP. Data only.
import type { Group } from "../_tree.ts";

const admin: Group = {
  name: "admin",
  summary: "accounts, by the gateway's files alone: also when nobody can log in",
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
    {
      name: "reset-password",
      summary: "give an account a new password, and end its sessions and tokens",
      details: ["The password comes from MOSAIC_ADMIN_PASSWORD, its …_FILE, or standard input."],
      examples: ["mosaic gateway admin reset-password admin@example.com < password.txt"],
      load: () => import("./admin/reset-password.ts"),
    },
    {
      name: "list",
      summary: "show all accounts",
      examples: ["mosaic gateway admin list", "mosaic gateway admin list --json"],
      load: () => import("./admin/list.ts"),
    },
  ],
};

const token: Group = {
  name: "token",
  summary: "tokens for programs",
  examples: ["mosaic gateway token list"],
  children: [
    {
      name: "create",
      summary: "make a token; it is shown once",
      details: ["It may do what its scopes say, as long as its owner's role still does."],
      examples: ["mosaic gateway token create --owner admin@example.com --scopes agents:read"],
      load: () => import("./token/create.ts"),
    },
    {
      name: "list",
      summary: "show all tokens, but not their texts",
      examples: ["mosaic gateway token list", "mosaic gateway token list --json"],
      load: () => import("./token/list.ts"),
    },
    {
      name: "revoke",
      summary: "end a token, at once",
      examples: ["mosaic gateway token revoke 0123456789ab"],
      load: () => import("./token/revoke.ts"),
    },
  ],
};

const backup: Group = {
  name: "backup",
  summary: "copies of the gateway's store, made while it runs",
  examples: ["mosaic gateway backup create"],
  children: [
    {
      name: "create",
      summary: "write a backup and prove it",
      details: [
        "One SQLite file, 0600, of either tier. Passwords and tokens stand in it as hashes.",
      ],
      examples: [
        "mosaic gateway backup create",
        "mosaic gateway backup create --output gateway.db",
      ],
      load: () => import("./backup/create.ts"),
    },
    {
      name: "verify",
      summary: "check a backup page by page, and count what it holds",
      examples: ["mosaic gateway backup verify gateway.db"],
      load: () => import("./backup/verify.ts"),
    },
    {
      name: "restore",
      summary: "put a backup in the place of what is there",
      details: [
        "The gateway must not run. What was there is kept as a backup; a team's database has to be empty.",
      ],
      examples: ["mosaic gateway backup restore gateway.db --yes"],
      load: () => import("./backup/restore.ts"),
    },
  ],
};

const storage: Group = {
  name: "storage",
  summary: "where the gateway keeps its data",
  examples: ["mosaic gateway storage migrate --to team"],
  children: [
    {
      name: "migrate",
      summary: "take the local store over into the team's PostgreSQL",
      details: [
        "Proven by hashes of all rows. Cut off, it is finished by doing it again; the local store stays.",
      ],
      examples: ["mosaic gateway storage migrate --to team"],
      load: () => import("./storage/migrate.ts"),
    },
  ],
};

export const gatewayGroup: Group = {
  name: "gateway",
  summary: "offer the fleet over HTTP, to accounts and tokens",
  examples: ["mosaic gateway install --dry-run", "mosaic gateway status"],
  children: [
    {
      name: "install",
      summary: "set the gateway up as a service with its first admin",
      details: [
        "The admin comes from MOSAIC_ADMIN_NAME, MOSAIC_ADMIN_EMAIL and MOSAIC_ADMIN_PASSWORD, secrets from their variables; each also as …_FILE. All that is missing or wrong is told at once, before anything is written.",
        "Without a user manager of systemd no service is installed, and it says so: run it with mosaic gateway run.",
      ],
      examples: ["mosaic gateway install --dry-run", "mosaic gateway install --port 14243"],
      load: () => import("./install.ts"),
    },
    {
      name: "run",
      summary: "run the gateway in the foreground",
      details: [
        "Fit for a container's entry point. Settings come from flags, the environment and config.yaml.",
      ],
      examples: ["mosaic gateway run", "mosaic gateway run --port 14243"],
      load: () => import("./run.ts"),
    },
    {
      name: "start",
      summary: "start the gateway's service, and wait until it is ready",
      examples: ["mosaic gateway start"],
      load: () => import("./start.ts"),
    },
    {
      name: "stop",
      summary: "stop the gateway's service; agents go on",
      examples: ["mosaic gateway stop"],
      load: () => import("./stop.ts"),
    },
    {
      name: "restart",
      summary: "restart the gateway's service; agents go on",
      examples: ["mosaic gateway restart"],
      load: () => import("./restart.ts"),
    },
    {
      name: "status",
      summary: "show whether the gateway is ready",
      details: ["Exits 3 when it is not."],
      examples: ["mosaic gateway status", "mosaic gateway status --json"],
      load: () => import("./status.ts"),
    },
    {
      name: "logs",
      summary: "show what the gateway's service printed",
      examples: ["mosaic gateway logs -n 100", "mosaic gateway logs -f"],
      load: () => import("./logs.ts"),
    },
    {
      name: "uninstall",
      summary: "stop the gateway and remove its service",
      details: ["Its data stays unless --purge is given. Without a terminal it needs --yes."],
      examples: ["mosaic gateway uninstall --dry-run", "mosaic gateway uninstall --purge --yes"],
      load: () => import("./uninstall.ts"),
    },
    admin,
    token,
    backup,
    storage,
  ],
};
