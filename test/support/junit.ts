// Reads the JUnit report of `bun test`, of which there is one per run of it.

export interface TestCounts {
  passed: number;
  failed: number;
  /** Names of tests that were skipped or are still to be written. */
  skipped: string[];
  /** Test files that the report knows. */
  files: string[];
}

/**
 * The counts of one report. A file that fails while it is imported is in bun's output but not in its report
 * (bun 1.4.5), so compare `files` with those that should have run.
 */
export function readJunit(xml: string): TestCounts {
  const total = xml.match(/<testsuites [^>]*>/)?.[0] ?? "";
  const count = (name: string) => Number(total.match(new RegExp(` ${name}="(\\d+)"`))?.[1] ?? 0);
  const cases = xml.matchAll(/<testcase name="([^"]*)"[^>]*[^/]>\s*<skipped/g);
  const files = xml.matchAll(/<testsuite [^>]*?file="([^"]*)"/g);
  return {
    passed: count("tests") - count("failures") - count("skipped"),
    failed: count("failures"),
    skipped: [...cases].map((match) => match[1] ?? ""),
    files: [...new Set([...files].map((match) => match[1] ?? ""))],
  };
}

/** The counts of several reports as one. */
export function addCounts(all: readonly TestCounts[]): TestCounts {
  return {
    passed: all.reduce((sum, counts) => sum + counts.passed, 0),
    failed: all.reduce((sum, counts) => sum + counts.failed, 0),
    skipped: all.flatMap((counts) => counts.skipped),
    files: all.flatMap((counts) => counts.files),
  };
}
