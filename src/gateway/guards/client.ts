// Where a request comes from. A forwarded address counts only when one of the proxies that were named has added it. Pure.

export interface Client {
  /** By which it is counted. */
  address: string;
  scheme: "http" | "https";
}

/** Of X-Forwarded-For the last address that is no proxy of ours: what stands before it anybody may have written. */
export function clientOf(
  peer: string,
  headers: Headers,
  trustedProxies: readonly string[],
): Client {
  const isTrusted = (address: string): boolean => trustedProxies.includes(plain(address));
  if (!isTrusted(peer)) return { address: plain(peer), scheme: "http" };
  const scheme = headers.get("x-forwarded-proto") === "https" ? "https" : "http";
  const chain = (headers.get("x-forwarded-for") ?? "").split(",").map((one) => one.trim());
  const address = chain.findLast((one) => one !== "" && !isTrusted(one));
  // An address of a client, and not a text that fills our tables.
  const isAddress = address !== undefined && /^[0-9a-fA-F:.]{2,45}$/.test(address);
  return { address: isAddress ? plain(address) : plain(peer), scheme };
}

/** An IPv4 address that came over IPv6 is the same one. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}
