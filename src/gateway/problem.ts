// What the API answers when it does not do what was asked: problem details (RFC 9457).

/** Why, as a word that programs can rely on. */
export type ProblemCode =
  | "invalid-request"
  | "unauthenticated"
  | "forbidden"
  | "host-not-allowed"
  | "origin-not-allowed"
  | "not-found"
  | "method-not-allowed"
  | "conflict"
  | "timeout"
  | "body-too-large"
  | "unsupported-media-type"
  | "too-many-requests"
  | "not-running"
  | "busy"
  | "unavailable"
  | "internal";

const kinds: Record<ProblemCode, { status: number; title: string }> = {
  "invalid-request": { status: 400, title: "The request is not valid" },
  unauthenticated: { status: 401, title: "Nobody is logged in" },
  forbidden: { status: 403, title: "This account or token may not do that" },
  "host-not-allowed": { status: 421, title: "The gateway is not known by this name" },
  "origin-not-allowed": { status: 403, title: "Pages of this origin may not ask" },
  "not-found": { status: 404, title: "There is no such thing" },
  "method-not-allowed": { status: 405, title: "That cannot be done with this" },
  conflict: { status: 409, title: "It contradicts what is there" },
  timeout: { status: 408, title: "The request took too long to arrive" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body has to be JSON" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  "not-running": { status: 409, title: "The agent does not run" },
  busy: { status: 503, title: "It is busy: try again" },
  unavailable: { status: 503, title: "The gateway cannot do this now" },
  internal: { status: 500, title: "This is a fault of the gateway" },
};

/** Thrown by whoever finds that a request cannot be done; the server makes an answer of it. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly retryAfterSeconds: number | undefined;

  /** `detail` is for people and holds no secret. */
  constructor(code: ProblemCode, detail: string, options: { retryAfterSeconds?: number } = {}) {
    super(detail);
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return kinds[this.code].status;
  }
}

/** The answer of RFC 9457. */
export function problemResponse({ code, message, retryAfterSeconds }: Problem): Response {
  const { status, title } = kinds[code];
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (retryAfterSeconds !== undefined) headers.set("retry-after", String(retryAfterSeconds));
  if (status === 401) headers.set("www-authenticate", 'Bearer realm="mosaic"');
  const body = { type: `urn:mosaic:problem:${code}`, title, status, detail: message };
  return new Response(`${JSON.stringify(body)}\n`, { status, headers });
}
