// Under which names and to which pages the gateway answers. Pure: a table of tests holds it.
import { Problem } from "../problem.ts";
import type { GatewaySettings } from "../settings.ts";

export interface Addressed {
  host: string | undefined;
  origin: string | undefined;
  /** Sec-Fetch-Site: what a browser says of where the request comes from. */
  fetchSite: string | undefined;
  /** As the client sees it: a trusted proxy may speak https for us. */
  scheme: "http" | "https";
  /** The request carries our session cookie. */
  hasCookie: boolean;
  method: string;
}

/** The one other origin that may read the answer; undefined for requests of our own pages and of programs. */
export interface Admitted {
  corsOrigin: string | undefined;
}

type Rules = Pick<
  GatewaySettings,
  "host" | "port" | "allowedHosts" | "corsOrigin" | "isCorsExplicit"
>;

/**
 * Throws Problem for a name that is not ours (a page that had its own name point at us could ask otherwise), for a page of
 * another origin, and for what a browser does for another site. That it comes from loopback excuses nothing.
 */
export function admit(request: Addressed, rules: Rules): Admitted {
  const { host, origin, fetchSite } = request;
  if (host === undefined || !isOwnHost(host.toLowerCase(), rules)) {
    throw new Problem("host-not-allowed", "MOSAIC_ALLOWED_HOSTS names further ones");
  }
  const isOwn = origin === `${request.scheme}://${host.toLowerCase()}`;
  if (origin === undefined || isOwn) {
    // Without an Origin an image or a link of another site would get through.
    if (fetchSite === "cross-site" || fetchSite === "same-site") {
      throw new Problem("origin-not-allowed", "the request comes from another site");
    }
    return { corsOrigin: undefined };
  }
  if (rules.corsOrigin === "" || origin !== rules.corsOrigin) {
    throw new Problem("origin-not-allowed", "MOSAIC_CORS_ORIGIN names the one that may");
  }
  if (request.hasCookie && !rules.isCorsExplicit) {
    throw new Problem("origin-not-allowed", "cookies count only when MOSAIC_CORS_ORIGIN is set");
  }
  return { corsOrigin: origin };
}

function isOwnHost(host: string, { host: bind, port, allowedHosts }: Rules): boolean {
  const own = ["localhost", "127.0.0.1", "[::1]"];
  if (bind !== "0.0.0.0" && bind !== "::") {
    own.push(bind.includes(":") ? `[${bind}]` : bind);
  }
  // On its own port only: what else runs on this machine is another origin.
  if (own.some((name) => host === `${name}:${port}` || (port === 80 && host === name))) return true;
  return allowedHosts.some((name) => host === name || host === `${name}:${port}`);
}
