// The roster: there and valid.
import { shellQuote } from "../../domain/shell-word.ts";
import { rosterFile } from "../../domain/names.ts";
import { type Check, ok, thrown } from "../check.ts";

export const roster: Check = {
  id: "roster",
  title: "roster",
  needs: "home",
  async run(ctx, { roster: read, rosterFault }) {
    const file = rosterFile(ctx.paths);
    if (read === undefined) {
      const fault = thrown(rosterFault?.cause);
      const { detail, fix } = fault;
      if (fix.startsWith("mosaic ")) return fault;
      // What is no command, as `did you mean`, helps whoever mends it by hand.
      const words = fix === "" ? detail : `${detail} (${fix})`;
      return { ...fault, detail: words, fix: `"\${EDITOR:-vi}" ${shellQuote(file)}` };
    }
    const count = `${read.agents.length} agent${read.agents.length === 1 ? "" : "s"}`;
    return ok(`${file}: ${count}, socket ${read.socket}, supervisor ${read.supervisor}`);
  },
};
