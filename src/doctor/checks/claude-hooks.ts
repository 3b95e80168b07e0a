// Claude Code's hooks: whether mosaic's entries are in its settings and lead to this program.
import { surveyHooks } from "../../hooks/verify.ts";
import { type Check, merged, ok, problem, warning } from "../check.ts";

export const claudeHooks: Check = {
  id: "claude-hooks",
  title: "Claude hooks",
  needs: "home",
  async run(ctx) {
    const { isInstalled, findings } = await surveyHooks(ctx);
    const results = findings.map(({ kind, message, fix }) =>
      kind === "problem" ? problem(message, fix) : warning(message, fix),
    );
    return merged(results, ok(isInstalled ? "installed, and as they should be" : "not installed"));
  },
};
