// Linger: whether the user manager, and the fleet with it, outlives a logout and starts at boot.
import { isLingering, lingerFault } from "../../supervisors/systemd/linger.ts";
import { type Check, ok, skipped, warning } from "../check.ts";

export const linger: Check = {
  id: "linger",
  title: "linger",
  needs: "nothing",
  async run(ctx, { supervisor }) {
    if (supervisor === "builtin") return ok("not needed (supervisor builtin)");
    if (supervisor === undefined) return skipped("not known whether systemd runs the fleet");
    const { user, on } = await isLingering(ctx);
    if (on) return ok(`on for ${user}`);
    // The fleet works: it is the next logout that ends it.
    const detail = `off for ${user}: the fleet ends at logout and does not start at boot`;
    const fault = await lingerFault(ctx);
    if (fault !== "") return warning(`${detail}; ${fault}`);
    return warning(detail, `loginctl enable-linger ${user}`);
  },
};
