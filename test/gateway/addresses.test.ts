import { expect, test } from "bun:test";
import { admit, type Addressed } from "../../src/gateway/guards/addresses.ts";
import { clientOf } from "../../src/gateway/guards/client.ts";
import { Problem } from "../../src/gateway/problem.ts";

const rules = {
  host: "127.0.0.1",
  port: 14_242,
  allowedHosts: ["fleet.example.com", "other.example.com:8443"],
  corsOrigin: "https://app.example.com",
  isCorsExplicit: true,
};

function verdict(request: Partial<Addressed>, more: Partial<typeof rules> = {}): string {
  const whole: Addressed = {
    host: "localhost:14242",
    origin: undefined,
    fetchSite: undefined,
    scheme: "http",
    hasCookie: false,
    method: "GET",
    ...request,
  };
  try {
    return admit(whole, { ...rules, ...more }).corsOrigin ?? "in";
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

test.each<[string, string | undefined]>([
  ["in", "localhost:14242"],
  ["in", "127.0.0.1:14242"],
  ["in", "[::1]:14242"],
  ["in", "LOCALHOST:14242"],
  ["in", "fleet.example.com"],
  ["in", "fleet.example.com:14242"],
  ["in", "other.example.com:8443"],
  ["host-not-allowed", "other.example.com"],
  ["host-not-allowed", "localhost"],
  ["host-not-allowed", "localhost:3000"],
  ["host-not-allowed", "evil.example"],
  ["host-not-allowed", "localhost.evil.example:14242"],
  ["host-not-allowed", "127.0.0.1.evil.example:14242"],
  ["host-not-allowed", "[::ffff:127.0.0.1]:14242"],
  ["host-not-allowed", "2130706433:14242"],
  ["host-not-allowed", "localhost:14242@evil.example"],
  ["host-not-allowed", ""],
  ["host-not-allowed", undefined],
])("%s for the name %p", (wanted, host) => {
  expect(verdict({ host })).toBe(wanted);
});

test.each<[string, Partial<Addressed>]>([
  ["in", { origin: "http://localhost:14242" }],
  ["https://app.example.com", { origin: "https://app.example.com" }],
  ["https://app.example.com", { origin: "https://app.example.com", fetchSite: "cross-site" }],
  ["origin-not-allowed", { origin: "null" }],
  ["origin-not-allowed", { origin: "http://localhost:3000" }],
  ["origin-not-allowed", { origin: "https://localhost:14242" }],
  ["origin-not-allowed", { origin: "http://127.0.0.1:14242" }],
  ["origin-not-allowed", { origin: "http://app.example.com" }],
  ["origin-not-allowed", { origin: "https://app.example.com.evil.example" }],
  ["origin-not-allowed", { origin: "https://app.example.com:444" }],
  ["origin-not-allowed", { origin: "" }],
  // An image, a link or a form of another site sends no Origin, but says where it comes from.
  ["origin-not-allowed", { fetchSite: "cross-site" }],
  ["origin-not-allowed", { fetchSite: "same-site" }],
  ["in", { fetchSite: "same-origin" }],
  ["in", { fetchSite: "none" }],
])("%s for %p", (wanted, request) => {
  expect(verdict(request)).toBe(wanted);
});

test("the origin of the default may ask, but never with a cookie", () => {
  const fallback = { corsOrigin: "http://localhost:3000", isCorsExplicit: false };
  const origin = "http://localhost:3000";
  expect(verdict({ origin }, fallback)).toBe(origin);
  expect(verdict({ origin, hasCookie: true }, fallback)).toBe("origin-not-allowed");
});

test.each<[string, string, Record<string, string>, string[]]>([
  ["10.0.0.9", "10.0.0.9", { "x-forwarded-for": "127.0.0.1" }, []],
  ["10.0.0.9", "::ffff:10.0.0.9", {}, []],
  ["203.0.113.7", "10.0.0.1", { "x-forwarded-for": "203.0.113.7" }, ["10.0.0.1"]],
  // What the client wrote stands in front, and does not count.
  ["203.0.113.7", "10.0.0.1", { "x-forwarded-for": "127.0.0.1, 203.0.113.7" }, ["10.0.0.1"]],
  [
    "203.0.113.7",
    "10.0.0.1",
    { "x-forwarded-for": "1.1.1.1, 203.0.113.7, 10.0.0.2" },
    ["10.0.0.1", "10.0.0.2"],
  ],
  ["10.0.0.1", "10.0.0.1", { "x-forwarded-for": "<script>" }, ["10.0.0.1"]],
  ["10.0.0.1", "10.0.0.1", {}, ["10.0.0.1"]],
])("a request is counted for %s: from %s with %p", (wanted, peer, headers, proxies) => {
  expect(clientOf(peer, new Headers(headers), proxies).address).toBe(wanted);
});

test("https counts only of a proxy that is named", () => {
  const headers = new Headers({ "x-forwarded-proto": "https" });
  expect(clientOf("10.0.0.1", headers, []).scheme).toBe("http");
  expect(clientOf("10.0.0.1", headers, ["10.0.0.1"]).scheme).toBe("https");
});

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002:ffff::", "2001:db8:1:2::/64"],
  ["2001:db8::6", "2001:db8:0:0::/64"],
  ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1:2:3:4", "fe80:0:0:0::/64"],
])("attempts from %s are counted for %s: one household has 2^64 addresses", (peer, wanted) => {
  expect(clientOf(peer, new Headers(), []).network).toBe(wanted);
});
