// mosaic complete -- WORDS…: what the scripts of `mosaic completions` call. The protocol is @bomb.sh/tab's: a line
// `value<TAB>description` per candidate, then `:` and a directive (4: no file names, 0: the shell may offer them).
import { defineCommand } from "citty";
import type { Context } from "../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      words: {
        type: "positional",
        valueHint: "WORD…",
        required: false,
        description: "the words after mosaic; the last one is being typed",
      },
    },
    async run({ args }) {
      const { completionsFor } = await import("./_complete.ts");
      const { candidates, offersFiles } = await completionsFor(args._, ctx);
      const lines = candidates.map(({ value, description }) => `${value}\t${description}\n`);
      ctx.io.out(`${lines.join("")}:${offersFiles ? 0 : 4}\n`);
    },
  });
}
