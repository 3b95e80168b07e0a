// Which line of a last screen says why a program ended: seldom the very last one. Pure.

/** Such as `Error: no key`, `TypeError [ERR_X]: …`, `error: …`, `npm ERR! …`, `fatal: …`, `thread 'main' panicked at …`. */
const said =
  /(^|[\s[(])([A-Za-z.]*(Error|Exception)\b( \[\w+\])?:|(error|fatal|panic|critical)\b[\]:!]|npm (ERR!|error)|panicked at)/i;

const words =
  /\b(cannot|can't|could not|failed|failure|not found|denied|refused|no such|invalid|unable|missing|unknown|unexpected)\b/i;

/** What comes behind the cause: advice, stack frames, the version that Node.js prints, where npm keeps its log. */
const noise =
  /^\s*(hint|note|help|usage|try|tip)\b|^\s*at .*[:(]\d+|^Node\.js v\d|^\s*[\^~{}]+\s*$|complete log of this run|\bnotice\b/i;

/** undefined when nothing stands there. */
export function causeLine(screen: readonly string[]): string | undefined {
  const lines = screen.map((line) => line.trim()).filter((line) => line !== "");
  const telling = lines.filter((line) => !noise.test(line));
  return (
    telling.findLast((line) => said.test(line)) ??
    telling.findLast((line) => words.test(line)) ??
    telling.at(-1) ??
    lines.at(-1)
  );
}
