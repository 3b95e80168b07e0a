// Version and commit of this program, the only place. build.ts bakes the commit in; a run from source says "dev".
import { version as packageVersion } from "../package.json";

declare const MOSAIC_COMMIT: string | undefined;

/** Such as `0.1.0`. */
export const version: string = packageVersion;

/** Short commit of the build (`define: { MOSAIC_COMMIT: '"abc1234"' }` in build.ts), `dev` without one. */
export const commit: string = typeof MOSAIC_COMMIT === "string" ? MOSAIC_COMMIT : "dev";
