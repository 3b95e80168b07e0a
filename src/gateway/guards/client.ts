// Where a request comes from. A forwarded address counts only when one of the proxies that were named has added it. Pure.

export interface Client {
  address: string;
  /** By which its attempts are counted: of IPv6 the network, since one household has 2^64 addresses. */
  network: string;
  scheme: "http" | "https";
}

/** Of X-Forwarded-For the last address that is no proxy of ours: what stands before it anybody may have written. */
export function clientOf(
  peer: string,
  headers: Headers,
  trustedProxies: readonly string[],
): Client {
  const isTrusted = (address: string): boolean => trustedProxies.includes(plain(address));
  if (!isTrusted(peer)) return { ...located(plain(peer)), scheme: "http" };
  const scheme = headers.get("x-forwarded-proto") === "https" ? "https" : "http";
  const chain = (headers.get("x-forwarded-for") ?? "").split(",").map((one) => one.trim());
  const address = chain.findLast((one) => one !== "" && !isTrusted(one));
  // An address of a client, and not a text that fills our tables.
  const isAddress = address !== undefined && /^[0-9a-fA-F:.]{2,45}$/.test(address);
  return { ...located(isAddress ? plain(address) : plain(peer)), scheme };
}

function located(address: string): Pick<Client, "address" | "network"> {
  return { address, network: networkOf(address) };
}

/** The first 64 bits of an IPv6 address (RFC 6177: a site gets at least so many); an IPv4 address as it is. */
function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().split("::");
  const groups = head === "" ? [] : head.split(":");
  const behind = tail === undefined || tail === "" ? [] : tail.split(":");
  // What `::` leaves out; an IPv4 address at the end stands for two groups.
  const missing = 8 - groups.length - behind.length - (address.includes(".") ? 1 : 0);
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, missing)).fill("0");
  const four = [...groups, ...zeros, ...behind].slice(0, 4);
  return `${four.map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}

/** An IPv4 address that came over IPv6 is the same one. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}
