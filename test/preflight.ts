// `npm run preflight`: the document's Release Preflight as one program. It makes releases of this commit for this host, serves
// them on loopback, installs one as a person would, and goes through the list; then it writes what it saw to
// dist/preflight.md. Without `--agent` the task goes to the built-in canary and to a real pi with a model server of ours;
// `--agent NAME` also sends one to that agent of your own fleet, which spends tokens.
import { mkdirSync, writeFileSync } from "node:fs";
import { commitOf } from "../release/compile.ts";
import { version } from "../src/version.ts";
import { ensureInstalled, suiteRequirements } from "./support/debian.ts";
import { type Evidence, openStage, type PreflightStage, steps } from "./support/preflight-steps.ts";
import { repositoryRoot } from "./support/source-files.ts";

interface Result extends Evidence {
  title: string;
  isOk: boolean;
  tookMs: number;
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const agent = args[args.indexOf("--agent") + 1];
  await ensureInstalled(suiteRequirements);
  const results: Result[] = [];
  await using stage = await openStage({ agent: args.includes("--agent") ? agent : undefined });
  for (const { title, run } of steps) {
    const result = await attempt(title, () => run(stage));
    results.push(result);
    process.stdout.write(`${row(result)}\n`);
    // Everything after the first needs what that one installed; for the rest each fault is worth knowing.
    if (!result.isOk && results.length === 1) break;
  }
  const isWhole = results.length === steps.length && results.every(({ isOk }) => isOk);
  mkdirSync(`${repositoryRoot}/dist`, { recursive: true });
  writeFileSync(`${repositoryRoot}/dist/preflight.md`, reportOf(results, { stage, isWhole }));
  const passed = results.filter(({ isOk }) => isOk).length;
  process.stdout.write(`dist/preflight.md\n${passed} passed, ${steps.length - passed} failed\n`);
  return isWhole ? 0 : 1;
}

async function attempt(title: string, run: () => Promise<Evidence>): Promise<Result> {
  const beganAt = performance.now();
  const ended = (evidence: Evidence, isOk: boolean): Result => ({
    ...evidence,
    title,
    isOk,
    tookMs: performance.now() - beganAt,
  });
  try {
    return ended(await run(), true);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return ended({ said: text.split("\n", 1)[0] ?? "", evidence: text }, false);
  }
}

function row({ title, isOk, said, tookMs }: Result): string {
  const seconds = (tookMs / 1000).toFixed(1).padStart(6);
  return `${isOk ? "ok    " : "FAILED"} ${seconds} s  ${title}: ${said}`;
}

function reportOf(
  results: readonly Result[],
  { stage, isWhole }: { stage: PreflightStage; isWhole: boolean },
): string {
  const sections = results.map(
    ({ title, isOk, said, evidence }) =>
      `## ${isOk ? "ok" : "FAILED"}: ${title}\n\n${said}\n\n\`\`\`\n${evidence.trim()}\n\`\`\`\n`,
  );
  return [
    `# Release preflight of mosaic ${version}\n`,
    `Commit ${commitOf(repositoryRoot)}, ${stage.host}: ${isWhole ? "every check passed" : "NOT fit for release"}.\n`,
    ...sections,
  ].join("\n");
}
