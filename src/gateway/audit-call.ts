// Writes down who did what through the API.
import type { Principal } from "./auth/principal.ts";
import type { Gateway } from "./gateway.ts";
import { addAudit, type AuditEntry } from "./store/audit.ts";

/** For a principal, or for an address that nobody has proven to be. */
export async function note(
  { ctx, sql }: Pick<Gateway, "ctx" | "sql">,
  entry: Pick<AuditEntry, "action" | "target" | "outcome" | "address"> & {
    principal?: Principal | undefined;
    actor?: string;
  },
): Promise<void> {
  const { principal, actor = "", action, target, outcome, address } = entry;
  await addAudit(sql, {
    at: ctx.clock.now(),
    actor: principal?.email ?? actor,
    via: principal?.via ?? "",
    action,
    target,
    outcome,
    address,
  });
}
