// The platforms that a release is built for, one row each. Everything else (file names, npm packages, the installer's
// table) follows from these rows.

/** One platform of a release. */
export interface Target {
  /** As in file names and npm packages: `linux-x64-musl`. */
  name: string;
  /** What Bun calls it (bun-types/docs/bundler/executables.mdx). */
  bun: Bun.Build.CompileTarget;
  /** npm's names: `process.platform`, `process.arch`, and `libc` of package.json (docs.npmjs.com, package.json). */
  os: "linux" | "darwin";
  cpu: "x64" | "arm64";
  libc?: "glibc" | "musl";
}

/** Every platform of a release, sorted by name. */
export const targets: readonly Target[] = [
  { name: "darwin-arm64", bun: "bun-darwin-arm64", os: "darwin", cpu: "arm64" },
  { name: "darwin-x64", bun: "bun-darwin-x64", os: "darwin", cpu: "x64" },
  { name: "linux-arm64", bun: "bun-linux-arm64", os: "linux", cpu: "arm64", libc: "glibc" },
  {
    name: "linux-arm64-musl",
    bun: "bun-linux-arm64-musl",
    os: "linux",
    cpu: "arm64",
    libc: "musl",
  },
  { name: "linux-x64", bun: "bun-linux-x64", os: "linux", cpu: "x64", libc: "glibc" },
  { name: "linux-x64-musl", bun: "bun-linux-x64-musl", os: "linux", cpu: "x64", libc: "musl" },
];

/** Name of the executable in a release, such as `mosaic-0.1.0-linux-x64`; archives add `.gz` or `.zst`. */
export function binaryName(version: string, target: Pick<Target, "name">): string {
  return `mosaic-${version}-${target.name}`;
}
