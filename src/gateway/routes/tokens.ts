// Tokens for programs. A token may do no more than the one who makes it, and no more than its owner may at the time of use.
import * as v from "valibot";
import { parseScope, scopes as allScopes } from "../../domain/roles.ts";
import { personName } from "../../domain/settings-values.ts";
import { note } from "../audit-call.ts";
import { newToken } from "../auth/token-text.ts";
import type { Principal } from "../auth/principal.ts";
import { Problem } from "../problem.ts";
import { addToken, findTokenById, listTokens, revokeToken, type Token } from "../store/tokens.ts";
import { route } from "./route.ts";

const tokenSchema = v.strictObject({
  id: v.string(),
  userId: v.string(),
  name: v.string(),
  scopes: v.array(v.string()),
  createdAt: v.string(),
  expiresAt: v.string(),
  lastUsedAt: v.nullable(v.string()),
  revokedAt: v.nullable(v.string()),
});

const dayMs = 24 * 60 * 60 * 1000;

export const tokenRoutes = [
  route({
    method: "GET",
    path: "/api/v1/tokens",
    summary: "one's own tokens; those of all accounts for admins",
    access: "anyone",
    answer: { status: 200, schema: v.strictObject({ tokens: v.array(tokenSchema) }) },
    async handle({ gateway }, principal) {
      const of = principal.scopes.has("users:write") ? undefined : principal.userId;
      return { status: 200, body: { tokens: (await listTokens(gateway.sql, of)).map(tokenJson) } };
    },
  }),
  route({
    method: "POST",
    path: "/api/v1/tokens",
    summary: "make a token of one's own; its text is shown in this answer and never again",
    access: "tokens:write",
    body: v.strictObject({
      name: personName,
      scopes: v.pipe(v.array(v.pipe(v.string(), v.maxLength(40))), v.minLength(1), v.maxLength(20)),
      expiresInDays: v.optional(
        v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(365)),
        90,
      ),
    }),
    answer: {
      status: 201,
      schema: v.strictObject({ ...tokenSchema.entries, token: v.string() }),
    },
    async handle({ gateway, body, client }, principal) {
      const { ctx, sql } = gateway;
      const scopes = mintable(body.scopes, principal);
      const createdAt = ctx.clock.now();
      const { id, hash, text } = newToken((digits) => ctx.randomHex(digits));
      // One that is soon to end is no way to one that lasts.
      const latest = principal.expiresAt ?? Number.MAX_SAFE_INTEGER;
      const expiresAt = Math.min(createdAt + body.expiresInDays * dayMs, latest);
      const { userId } = principal;
      const token = { id, userId, name: body.name, scopes: scopes.join(" "), createdAt, expiresAt };
      const parent = principal.via === "token" ? principal.credential : undefined;
      await addToken(sql, { ...token, hash, parent });
      const told = { principal, action: "token.create", target: id, address: client.address };
      await note(gateway, { ...told, outcome: token.scopes });
      const shown = tokenJson({ ...token, lastUsedAt: undefined, revokedAt: undefined });
      return { status: 201, body: { ...shown, token: text } };
    },
  }),
  route({
    method: "DELETE",
    path: "/api/v1/tokens/{id}",
    summary: "end a token, at once and everywhere",
    access: "tokens:write",
    answer: { status: 204 },
    async handle({ gateway, params: { id = "" }, client }, principal) {
      const { ctx, sql } = gateway;
      const token = await findTokenById(sql, id);
      const isOwn = token?.userId === principal.userId;
      // Whether somebody else's is there is nobody's business.
      if (token === undefined || (!isOwn && !principal.scopes.has("users:write"))) {
        throw new Problem("not-found", "there is no token of this id");
      }
      await revokeToken(sql, { id, at: ctx.clock.now() });
      gateway.streams.endOf({ credential: id });
      const told = { principal, action: "token.revoke", target: id, address: client.address };
      await note(gateway, { ...told, outcome: "ok" });
      return { status: 204 };
    },
  }),
];

/** Those of the wanted scopes; throws Problem when one is unknown, or beyond what its maker may do by this very credential. */
function mintable(wanted: readonly string[], { scopes }: Principal): string[] {
  return [...new Set(wanted)].map((text) => {
    const scope = parseScope(text);
    if (scope === undefined) {
      throw new Problem(
        "invalid-request",
        `no such scope; there are ${Object.keys(allScopes).join(", ")}`,
      );
    }
    if (!scopes.has(scope)) throw new Problem("forbidden", `you may not give ${scope} away`);
    return scope;
  });
}

function tokenJson({ scopes, createdAt, expiresAt, lastUsedAt, revokedAt, ...rest }: Token) {
  return {
    ...rest,
    scopes: scopes.split(" "),
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    lastUsedAt: time(lastUsedAt),
    revokedAt: time(revokedAt),
  };
}

function time(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
