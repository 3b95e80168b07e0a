// `mosaic config` in process, for its tests.
import { main } from "../../src/main.ts";
import { fakeContext, type FakeContext, type FakeContextOptions } from "./fake-context.ts";

/** Below a home. */
export const file = ".config/mosaic/config.yaml";

/** With comments, and keys in an order of its own. */
export const written = `# ours
version: 1
# the one gateway of this host
gateway:
  host: 127.0.0.2 # not the first
  # below the others
  port: 1111
`;

export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** `mosaic config WORDS…`, with the home as `~`. */
export async function run(ctx: FakeContext, ...words: string[]): Promise<Ran> {
  const before = [ctx.stdout.length, ctx.stderr.length];
  const exitCode = await main(["config", ...words], ctx);
  const tilde = (text: string) => text.replaceAll(ctx.home.path, "~");
  const [stdout, stderr] = [ctx.stdout.slice(before[0]), ctx.stderr.slice(before[1])];
  return { exitCode, stdout: tilde(stdout), stderr: tilde(stderr) };
}

/** A machine with this config.yaml. */
export function context(yaml: string | undefined, options: FakeContextOptions = {}): FakeContext {
  const ctx = fakeContext(options);
  if (yaml !== undefined) ctx.home.write(file, yaml);
  return ctx;
}
