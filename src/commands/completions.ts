// mosaic completions SHELL: prints the script that the shell sources (framework/completions/). Not @bomb.sh/tab's own
// scripts: those eval what was typed, and the one for bash needs bash-completion and fails when sourced twice.
import { defineCommand } from "citty";
import type { Context } from "../context.ts";
import { usageError } from "../errors.ts";
import { suggest } from "../domain/suggest.ts";
import { oneLine } from "../domain/terminal-text.ts";

const shells = ["bash", "zsh", "fish"];

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      shell: {
        type: "positional",
        required: true,
        valueHint: shells.join("|"),
        description: "the shell",
      },
    },
    async run({ args }) {
      if (!shells.includes(args.shell)) {
        throw usageError(
          `no completions for "${oneLine(args.shell)}", only for ${shells.join(", ")}`,
          `mosaic completions ${suggest(args.shell, shells) ?? "bash"}`,
        );
      }
      const script = await ctx.assets.read(`completions/mosaic.${args.shell}`);
      ctx.io.out(new TextDecoder().decode(script));
    },
  });
}
