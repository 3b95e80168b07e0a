// Claude Code's hooks: whether mosaic's entries are in its settings and lead to this program.
import { installHooks } from "../../hooks/install.ts";
import { surveyHooks } from "../../hooks/verify.ts";
import { type Check, mendedBy, merged, ok, problem, warning } from "../check.ts";

export const claudeHooks: Check = {
  id: "claude-hooks",
  title: "Claude hooks",
  needs: "home",
  async run(ctx) {
    const { isInstalled, findings } = await surveyHooks(ctx);
    const results = findings.map(({ kind, message, fix }) =>
      kind === "problem" ? problem(message, fix) : warning(message, fix),
    );
    const none = ok(isInstalled ? "installed, and as they should be" : "not installed");
    const found = merged(results, none);
    const what = "mosaic config hooks repair";
    const run = async () => void (await installHooks(ctx, { dryRun: false }));
    return findings.some(({ fix }) => fix === what) ? mendedBy(found, { what, run }) : found;
  },
};
