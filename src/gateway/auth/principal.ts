// Who asks. A request becomes a typed principal before anything is done for it: what it says of itself counts for nothing,
// only what the store holds of its cookie or token.
import type { SqlWork } from "../../context.ts";
import { sha256Hex } from "../../domain/hash.ts";
import { AppError } from "../../errors.ts";
import { type Role, type Scope, scopesOf, scopesOfToken } from "../../domain/roles.ts";
import { findSession } from "../store/sessions.ts";
import { findToken, touchToken } from "../store/tokens.ts";
import type { User } from "../store/users.ts";
import { isSameHash, readToken } from "./token-text.ts";

export interface Principal {
  userId: string;
  email: string;
  name: string;
  role: Role;
  scopes: ReadonlySet<Scope>;
  via: "session" | "token";
  /** Of the session: its hash; of a token: its id. By it its open streams are found. */
  credential: string;
  /** When a token ends, in epoch milliseconds; undefined for a session. */
  expiresAt: number | undefined;
}

/** What came with the request; both may be absent or wrong. */
export interface Credentials {
  /** The text behind `Bearer `. */
  bearer: string | undefined;
  /** The value of the session cookie. */
  cookie: string | undefined;
}

/** 64 hex digits: 256 bits. */
const cookiePattern = /^[0-9a-f]{64}$/;

/**
 * undefined when nothing of it holds now. A token that does not hold is not made good by a cookie: whoever sends one means it.
 */
export async function authenticate(
  sql: SqlWork,
  { bearer, cookie }: Credentials,
  at: number,
): Promise<Principal | undefined> {
  if (bearer !== undefined) return await byToken(sql, bearer, at);
  if (cookie === undefined || !cookiePattern.test(cookie)) return undefined;
  const hash = sha256Hex(cookie);
  const user = await findSession(sql, { hash, at });
  if (user === undefined) return undefined;
  const scopes = scopesOf(user.role);
  return principalOf(user, { via: "session", credential: hash, expiresAt: undefined, scopes });
}

async function byToken(sql: SqlWork, text: string, at: number): Promise<Principal | undefined> {
  const token = readToken(text);
  if (token === undefined) return undefined;
  const found = await findToken(sql, { id: token.id, at });
  if (found === undefined || !isSameHash(found.hash, token.hash)) return undefined;
  if (!found.isFresh) await touchToken(sql, { id: token.id, at }).catch(faultsOnly);
  const scopes = scopesOfToken(found.user.role, found.scopes);
  const { user, expiresAt } = found;
  return principalOf(user, { via: "token", credential: token.id, expiresAt, scopes });
}

/** A store that takes no writes, since its disk is full, still says who may read. */
function faultsOnly(error: unknown): void {
  if (!(error instanceof AppError)) throw error;
}

function principalOf(
  { id, email, name, role }: User,
  {
    scopes,
    ...how
  }: Pick<Principal, "via" | "credential" | "expiresAt"> & { scopes: readonly Scope[] },
): Principal {
  return { userId: id, email, name, role, scopes: new Set(scopes), ...how };
}
