// Where the gateway keeps its things, and how its unit is called. Pure.
import type { Paths } from "../context.ts";
import { configFolders } from "../config/own-folders.ts";

/** The unit of the gateway; apart from those of the fleet, so that its restart reaches no agent. */
export const gatewayUnit = "mosaic-gateway.service";

/** Accounts, sessions, tokens, the copy of messages and the audit of the tier `local`. */
export function gatewayDatabase(paths: Paths): string {
  return `${dataFolder(paths)}/gateway.db`;
}

/** 0700. A home of its own has its data inside, as its state. */
export function dataFolder({ config, state, data }: Paths): string {
  return state === `${config}/state` ? `${config}/data` : data;
}

/** Which process serves where: written once it listens, locked as long as it runs. */
export function contactFile(paths: Pick<Paths, "state">): string {
  return `${paths.state}/gateway.json`;
}

export function lockFile(paths: Pick<Paths, "state">): string {
  return `${paths.state}/gateway.lock`;
}

export function backupFolder(paths: Paths): string {
  return `${dataFolder(paths)}/backups`;
}

/** Where everything of the gateway is, secrets included. */
export function ownFolders(paths: Paths): string[] {
  return [...configFolders({ paths }), paths.state, dataFolder(paths)];
}
