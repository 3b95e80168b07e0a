// Lines of ours in the start-up files of shells: one that install.sh adds, and those that README tells people to add. Pure.

/** The end of the line that install.sh adds; the same text stands there. */
export const pathMark = "# added by mosaic install.sh";

/** Without mosaic each of them would be an error in every new shell. */
const completionLine = /^\s*(source|\.)\s+<\(mosaic completions (bash|zsh)\)\s*$/;

/** The text without lines of ours; undefined when it has none. */
export function withoutOurLines(text: string): string | undefined {
  const lines = text.split("\n");
  const kept = lines.filter((line) => !line.endsWith(pathMark) && !completionLine.test(line));
  return kept.length === lines.length ? undefined : kept.join("\n");
}
