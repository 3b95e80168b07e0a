// The checks of `mosaic doctor`, in the order in which they are printed: what others rest on stands first.
import type { Check } from "./check.ts";
import { agents } from "./checks/agents.ts";
import { claudeHooks } from "./checks/claude-hooks.ts";
import { environment } from "./checks/environment.ts";
import { fleetSupervisor } from "./checks/fleet-supervisor.ts";
import { framework } from "./checks/framework.ts";
import { gateway } from "./checks/gateway.ts";
import { gatewayStore } from "./checks/gateway-store.ts";
import { home } from "./checks/home.ts";
import { linger } from "./checks/linger.ts";
import { logins } from "./checks/logins.ts";
import { orphans } from "./checks/orphans.ts";
import { permissions } from "./checks/permissions.ts";
import { roster } from "./checks/roster.ts";
import { runtimes } from "./checks/runtimes.ts";
import { settings } from "./checks/settings.ts";
import { socketDir } from "./checks/socket-dir.ts";
import { stateFilesystem } from "./checks/state-filesystem.ts";
import { store } from "./checks/store.ts";
import { tmuxServer } from "./checks/tmux-server.ts";
import { tmux } from "./checks/tmux.ts";
import { tools } from "./checks/tools.ts";
import { units } from "./checks/units.ts";
import { userManager } from "./checks/user-manager.ts";

/** A new check is one file in checks/ and one line here. */
export const checks: readonly Check[] = [
  home,
  roster,
  permissions,
  settings,
  stateFilesystem,
  store,
  gatewayStore,
  gateway,
  framework,
  tools,
  tmux,
  socketDir,
  tmuxServer,
  userManager,
  linger,
  fleetSupervisor,
  units,
  environment,
  runtimes,
  logins,
  agents,
  orphans,
  claudeHooks,
];
