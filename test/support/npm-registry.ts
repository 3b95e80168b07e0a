// A registry for npm with the packages of some folders, packed by npm itself: what `npm install` gets from it is what it
// would get from a real one.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { outputOf } from "./run-command.ts";

export interface NpmRegistry extends Disposable {
  url: string;
}

interface Package {
  name: string;
  version: string;
}

/** Packs each folder below `packages` into `work`, and serves them on a free port of 127.0.0.1. */
export async function npmRegistry(packages: string, work: string): Promise<NpmRegistry> {
  const served = new Map<string, { manifest: Package; tarball: Uint8Array }>();
  for (const name of readdirSync(packages)) {
    const said = await outputOf(["npm", "pack", "--json", "--pack-destination", work], {
      cwd: `${packages}/${name}`,
    });
    const [{ filename }]: [{ filename: string }] = JSON.parse(said);
    const manifest: Package = JSON.parse(readFileSync(`${packages}/${name}/package.json`, "utf8"));
    served.set(manifest.name, { manifest, tarball: readFileSync(`${work}/${filename}`) });
  }
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    fetch(request) {
      const { origin, pathname } = new URL(request.url);
      const path = decodeURIComponent(pathname).slice(1);
      const found = served.get(path.replace(/\.tgz$/, ""));
      if (found === undefined) return new Response("{}", { status: 404 });
      if (path.endsWith(".tgz")) return new Response(new Uint8Array(found.tarball));
      const { manifest, tarball } = found;
      const dist = {
        tarball: `${origin}/${path}.tgz`,
        integrity: `sha512-${createHash("sha512").update(tarball).digest("base64")}`,
      };
      return Response.json({
        name: manifest.name,
        "dist-tags": { latest: manifest.version },
        versions: { [manifest.version]: { ...manifest, dist } },
      });
    },
  });
  return { url: server.url.origin, [Symbol.dispose]: () => void server.stop(true) };
}
