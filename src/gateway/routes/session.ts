// Login, logout, and who one is.
import * as v from "valibot";
import { sha256Hex } from "../../domain/hash.ts";
import { email as emailSchema } from "../../domain/settings-values.ts";
import { roles, scopesOf } from "../../domain/roles.ts";
import { readCookie, writeCookie } from "../auth/cookie.ts";
import type { Principal } from "../auth/principal.ts";
import { note } from "../audit-call.ts";
import { loginLimits, mustTake, tooMany } from "../guards/rate-limit.ts";
import { Problem } from "../problem.ts";
import { addKnownNetwork, isKnownNetwork } from "../store/known-networks.ts";
import { addSession, endSessions } from "../store/sessions.ts";
import { findCredentials, type User } from "../store/users.ts";
import { openRoute, route } from "./route.ts";

const meSchema = v.strictObject({
  id: v.string(),
  email: v.string(),
  name: v.string(),
  role: v.picklist(roles),
  scopes: v.array(v.string()),
  via: v.picklist(["session", "token"]),
});

/** 256 bits in hex digits. */
const cookieDigits = 64;

export const sessionRoutes = [
  openRoute({
    method: "POST",
    path: "/api/v1/login",
    summary: "open a session with e-mail and password; the answer sets a cookie",
    body: v.strictObject({
      email: v.pipe(v.string(), v.maxLength(254)),
      password: v.pipe(v.string(), v.maxLength(1024)),
    }),
    answer: { status: 200, schema: v.strictObject({ user: meSchema }) },
    async handle({ gateway, body, client, request }) {
      const { ctx, sql, limiter, passwords, metrics } = gateway;
      const email = body.email.trim().toLowerCase();
      // Before anything is looked at, so that an attempt costs us nothing and tells nothing.
      await mustTake(limiter, loginLimits.address, client.network);
      const origin = request.headers.get("origin");
      if (origin !== null) await mustTake(limiter, loginLimits.origin, origin);
      const at = ctx.clock.now();
      const { network } = client;
      await mustTake(limiter, loginLimits.place, `${sha256Hex(email)} ${network}`);
      const waitMs = await limiter.take(loginLimits.account, sha256Hex(email));
      // Asked only now: most attempts cost the store nothing.
      if (waitMs !== undefined && !(await isKnownNetwork(sql, { email, network, at }))) {
        throw tooMany(loginLimits.account, waitMs);
      }
      const known = await findCredentials(sql, email);
      const isRight = await passwords.verify(body.password, known?.password);
      const outcome = known !== undefined && isRight ? "ok" : "refused";
      metrics.count("mosaic_logins_total", { outcome });
      await note(gateway, {
        // Some type their password here.
        actor: v.is(emailSchema, email) ? email : "",
        action: "login",
        target: "",
        outcome,
        address: client.address,
      });
      if (known === undefined || !isRight) {
        throw new Problem("unauthenticated", "the e-mail address or the password is wrong");
      }
      // A session that the browser had before ends: what somebody planted there is worth nothing.
      const before = readCookie(request.headers, client);
      if (before !== undefined) {
        await endSessions(sql, { hash: sha256Hex(before) });
        gateway.streams.endOf({ credential: sha256Hex(before) });
      }
      const cookie = ctx.randomHex(cookieDigits);
      const { id: userId } = known.user;
      await addKnownNetwork(sql, { userId, network, at });
      await addSession(sql, { hash: sha256Hex(cookie), userId, at, address: client.address });
      return {
        status: 200,
        body: { user: userJson(known.user) },
        headers: { "set-cookie": writeCookie(cookie, client) },
      };
    },
  }),
  route({
    method: "POST",
    path: "/api/v1/logout",
    summary: "end the session of this cookie",
    access: "anyone",
    answer: { status: 204 },
    async handle({ gateway, client }, principal) {
      if (principal.via !== "session") {
        throw new Problem("invalid-request", "a token is ended with DELETE /api/v1/tokens/ID");
      }
      await endSessions(gateway.sql, { hash: principal.credential });
      gateway.streams.endOf({ credential: principal.credential });
      await note(gateway, {
        principal,
        action: "logout",
        target: "",
        outcome: "ok",
        address: client.address,
      });
      return { status: 204, headers: { "set-cookie": writeCookie(undefined, client) } };
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/me",
    summary: "who one is, and what one may do",
    access: "anyone",
    answer: { status: 200, schema: meSchema },
    async handle(_, principal) {
      return { status: 200, body: meJson(principal) };
    },
  }),
];

function meJson({ userId, email, name, role, scopes, via }: Principal) {
  return { id: userId, email, name, role, scopes: [...scopes], via };
}

function userJson({ id, email, name, role }: User) {
  return { id, email, name, role, scopes: [...scopesOf(role)], via: "session" };
}
