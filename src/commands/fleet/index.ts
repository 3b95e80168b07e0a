// `mosaic fleet`: the whole fleet of the roster, or the agents named. Data only.
import type { Group } from "../_tree.ts";

export const fleetGroup: Group = {
  name: "fleet",
  summary: "set up, start, stop and prove the fleet of the roster",
  examples: ["mosaic fleet init --profile minimal --write", "mosaic fleet start"],
  children: [
    {
      name: "init",
      summary: "write a roster from an example profile",
      details: [
        "Without --write it prints what it would write. An existing roster is never overwritten without --force, which keeps a backup.",
      ],
      examples: ["mosaic fleet init --profile demo", "mosaic fleet init --profile minimal --write"],
      load: () => import("./init.ts"),
    },
    {
      name: "install-systemd",
      summary: "write the systemd user units of the fleet",
      details: ["It also says what is missing for the fleet to come back after a reboot."],
      examples: ["mosaic fleet install-systemd --dry-run", "mosaic fleet install-systemd"],
      load: () => import("./install-systemd.ts"),
    },
    {
      name: "start",
      summary: "start the fleet, or the agents named",
      details: ["An agent that runs already is left alone."],
      examples: ["mosaic fleet start", "mosaic fleet start canary-pi"],
      load: () => import("./start.ts"),
    },
    {
      name: "stop",
      summary: "stop the fleet, or the agents named",
      details: [
        "Everything an agent started ends with it. Sessions that are not ours are left alone.",
      ],
      examples: ["mosaic fleet stop", "mosaic fleet stop canary-pi"],
      load: () => import("./stop.ts"),
    },
    {
      name: "restart",
      summary: "restart the fleet, or the agents named",
      details: [
        "An agent that somebody else restarts at this moment is restarted once. One whose lock is held (mosaic lock run) is waited for, up to 5 minutes.",
      ],
      examples: ["mosaic fleet restart", "mosaic fleet restart canary-pi"],
      load: () => import("./restart.ts"),
    },
    {
      name: "status",
      summary: "show what runs, and since when",
      details: ["Exits 3 when an agent is not running."],
      examples: ["mosaic fleet status", "mosaic fleet status --json"],
      load: () => import("./status.ts"),
    },
    {
      name: "verify",
      summary: "prove that every agent of the roster lives",
      details: [
        "Checks session, pane, process tree and unit of each agent, and says which evidence failed.",
      ],
      examples: ["mosaic fleet verify"],
      load: () => import("./verify.ts"),
    },
    {
      name: "run",
      summary: "supervise the fleet in the foreground, without systemd",
      details: ["Fit for a container's entry point: it forwards SIGTERM and reaps its children."],
      examples: ["mosaic fleet run"],
      load: () => import("./run.ts"),
    },
    {
      name: "uninstall",
      summary: "stop the fleet and remove its units",
      details: ["The roster stays unless --purge is given. Without a terminal it needs --yes."],
      examples: ["mosaic fleet uninstall --dry-run", "mosaic fleet uninstall --purge --yes"],
      load: () => import("./uninstall.ts"),
    },
  ],
};
