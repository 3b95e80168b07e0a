// The settings of this site: whether everything that is said is valid, and secrets are in their owner's hands alone.
import { loadSettings } from "../../config/load.ts";
import { configVersion } from "../../domain/config-schema.ts";
import { configFile } from "../../domain/names.ts";
import { secretFile, settings as table, storedKeys } from "../../domain/settings.ts";
import { shellWord } from "../../domain/shell-word.ts";
import { type Check, type CheckResult, merged, ok, problem, warning } from "../check.ts";

export const settings: Check = {
  id: "settings",
  title: "settings",
  needs: "home",
  async run(ctx) {
    const { faults, fileVersion = configVersion } = await loadSettings(ctx);
    const findings: CheckResult[] = faults.map(({ message }) =>
      problem(message, "mosaic config validate"),
    );
    const file = configFile(ctx.paths);
    if (fileVersion > configVersion) {
      findings.push(warning(`${file} is of a newer mosaic: only known keys are read`));
    }
    for (const key of storedKeys.filter((one) => table[one].isSecret)) {
      const path = secretFile(ctx.paths, key);
      const info = await ctx.files.stat(path);
      if (info === undefined || (info.mode & 0o077) === 0) continue;
      const detail = `${path} has mode ${info.mode.toString(8)}: others can read the secret in it`;
      findings.push(problem(detail, `chmod 600 ${shellWord(path)}`));
    }
    return merged(findings, ok("valid (mosaic config show --origin)"));
  },
};
