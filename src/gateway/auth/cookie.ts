// The session cookie. HttpOnly: no script reads it; SameSite=Strict: no other site sends it; behind TLS also Secure, with the
// prefix that keeps other names of the domain from setting it (RFC 6265bis section 4.1.3).
import type { Client } from "../guards/client.ts";
import { absoluteMs } from "../store/sessions.ts";

const plainName = "mosaic_session";
const secureName = "__Host-mosaic_session";

/** The value, as the scheme of the client wants it; undefined without one. */
export function readCookie(
  headers: Headers,
  { scheme }: Pick<Client, "scheme">,
): string | undefined {
  const name = scheme === "https" ? secureName : plainName;
  for (const part of (headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** The Set-Cookie header of a new session, or without a value of one that has ended. */
export function writeCookie(value: string | undefined, { scheme }: Pick<Client, "scheme">): string {
  const isSecure = scheme === "https";
  const maxAge = value === undefined ? 0 : Math.floor(absoluteMs / 1000);
  return [
    `${isSecure ? secureName : plainName}=${value ?? ""}`,
    "Path=/",
    `Max-Age=${maxAge}`,
    "HttpOnly",
    "SameSite=Strict",
    ...(isSecure ? ["Secure"] : []),
  ].join("; ");
}
