// `mosaic lock`: the restart lock for scripts. Data only.
import type { Group } from "../_tree.ts";

export const lockGroup: Group = {
  name: "lock",
  summary: "run a command under a restart lock, and see who holds which",
  examples: ["mosaic lock run canary-pi -- ./rotate-login.sh", "mosaic lock status"],
  children: [
    {
      name: "run",
      summary: "run a command while nobody else can have the lock",
      details: [
        "An agent's restart lock has the agent's name: while a command runs under it, nothing restarts that agent. Any other name is a lock of your own.",
        "The exit code is the command's; 75 when the lock is busy. A signal is passed on to the command and its process group. It runs in a session of its own and finds MOSAIC_LOCK_TOKEN in its environment; mosaic commands that it runs act under the same lock. What it leaves in the background of its group is waited for.",
        "A holder that is dead is taken over at once, one that has not touched its lock for --stale after a few seconds. One that lives keeps it, unless --max-wait is given: then its command is ended (SIGTERM, SIGKILL after 5 s) before yours starts.",
      ],
      examples: [
        "mosaic lock run canary-pi -- ./rotate-login.sh",
        "mosaic lock run nightly --timeout 0 -- ./backup.sh",
        "mosaic lock run deploy --max-wait 10m -- make deploy",
      ],
      load: () => import("./run.ts"),
    },
    {
      name: "status",
      summary: "show every lock, who holds it and what runs under it",
      details: [
        "held: its owner lives. silent: its owner does not touch it. orphaned: its owner is dead, its command lives. dead: nothing of it lives, and the next one has it. breaking: it is being taken over. unreadable, newer: what its file says is not known here.",
      ],
      examples: ["mosaic lock status", "mosaic lock status --json"],
      load: () => import("./status.ts"),
    },
    {
      name: "take",
      summary: "take a lock in the name of a script, and print its token",
      examples: ["mosaic lock take canary-pi --pid 4242"],
      hidden: true,
      load: () => import("./take.ts"),
    },
    {
      name: "drop",
      summary: "let go of the lock of MOSAIC_LOCK_TOKEN",
      examples: ["mosaic lock drop canary-pi"],
      hidden: true,
      load: () => import("./drop.ts"),
    },
  ],
};
