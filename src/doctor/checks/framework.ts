// The extracted framework: the shell tools and tmux.conf in the config folder, as this version ships them.
import { extractFramework, type FrameworkDrift, frameworkDrift } from "../../fleet/framework.ts";
import { type Check, type CheckResult, mendedBy, merged, ok, warning } from "../check.ts";

// No state of it is a problem: every command that needs the tools writes what is missing or ours and old, and what
// was edited is kept on purpose.
export const framework: Check = {
  id: "framework",
  title: "framework",
  needs: "home",
  async run(ctx) {
    const drift = await frameworkDrift(ctx);
    const { config } = ctx.paths;
    const missing = drift.filter(({ state }) => state === "missing");
    const others = drift.filter(({ state }) => state !== "missing");
    const findings = others.map(describe);
    if (missing.length > 0) {
      const files =
        missing.length === 1 ? (missing[0]?.file ?? "") : `${missing.length} files in ${config}`;
      findings.unshift(
        warning(
          `not there yet: ${files}; fleet start writes what is missing`,
          "mosaic fleet start",
        ),
      );
    }
    const isMended = drift.some(({ state }) => state !== "edited" && state !== "link");
    const found = merged(findings, ok(`tools in ${config} are those of ${ctx.host.version}`));
    const what = `wrote the tools of ${ctx.host.version} into ${config}`;
    const run = async () => void (await extractFramework(ctx, { force: false }));
    return isMended ? mendedBy(found, { what, run }) : found;
  },
};

const words: Record<Exclude<FrameworkDrift["state"], "missing">, string> = {
  old: "is of another version; fleet start updates it",
  mode: "has a mode that is not the shipped one; fleet start mends it",
  edited: "was edited, and is kept so",
  link: "is a link or a folder, and is kept so",
};

function describe({ file, state, fix }: FrameworkDrift): CheckResult {
  if (state === "missing") return warning(`${file} is missing`, fix);
  const isKept = state === "edited" || state === "link";
  return warning(`${file} ${words[state]}`, isKept ? fix : "mosaic fleet start");
}
