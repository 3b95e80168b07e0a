// Waits for a gateway to be ready.
import type { Context } from "../../context.ts";
import { AppError } from "../../errors.ts";
import { askReadiness, type Contact, readContact } from "../contact.ts";

/** A first start migrates; on a loaded machine that takes seconds. */
const readyMs = 30_000;

/** The gateway that is ready, or degraded: another one than `before`. Throws AppError with the last thing it said. */
export async function untilReady(
  ctx: Context,
  { before }: { before: string | undefined },
): Promise<Contact> {
  const until = ctx.clock.monotonic() + readyMs;
  let last = "it does not run";
  for (;;) {
    const contact = await readContact(ctx);
    if (contact !== undefined && contact.instance !== before) {
      const { status, checks } = await askReadiness(ctx, contact);
      if (status === "ready" || status === "degraded") return contact;
      const faults = Object.entries(checks).filter(([, said]) => said !== "ok");
      last = faults.map(([what, said]) => `${what}: ${said}`).join(", ") || "it does not answer";
    }
    if (ctx.clock.monotonic() > until) {
      throw new AppError(`the gateway is not ready after ${readyMs / 1000} s: ${last}`, {
        hint: "mosaic gateway logs\nmosaic gateway status",
      });
    }
    await ctx.clock.sleep(25);
  }
}
