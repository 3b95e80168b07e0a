// `mosaic gateway token …`: tokens by the store alone.
import type { Context } from "../context.ts";
import { parseScope, scopes as allScopes, scopesOf } from "../domain/roles.ts";
import { formatTable } from "../domain/table.ts";
import { exitCodes, usageError } from "../errors.ts";
import { newToken } from "./auth/token-text.ts";
import { note, openSql } from "./admin.ts";
import { addToken, listTokens, revokeToken } from "./store/tokens.ts";
import { findUser, listUsers } from "./store/users.ts";

export interface TokenOptions {
  /** The e-mail address of its owner. */
  owner: string;
  name: string;
  /** With commas. */
  scopes: string;
  /** From now on. */
  expiresMs: number;
  json: boolean;
}

/** Prints the token, once. Throws AppError, exit 2, for an unknown owner, or a scope that its role does not hold. */
export async function createToken(ctx: Context, options: TokenOptions): Promise<number> {
  const wanted = options.scopes.split(",").map((one) => one.trim());
  await using sql = await openSql(ctx);
  const user = await findUser(sql, { email: options.owner.toLowerCase() });
  if (user === undefined) {
    throw usageError(
      `there is no account of ${JSON.stringify(options.owner)}`,
      "mosaic gateway admin list",
    );
  }
  for (const text of wanted) {
    const scope = parseScope(text);
    if (scope === undefined) {
      throw usageError(
        `no such scope: ${JSON.stringify(text)}`,
        `scopes: ${Object.keys(allScopes).join(", ")}`,
      );
    }
    if (!scopesOf(user.role).includes(scope)) {
      throw usageError(
        `${user.email} is ${user.role} and may not ${scope}`,
        "mosaic gateway admin list",
      );
    }
  }
  const { id, hash, text } = newToken((digits) => ctx.randomHex(digits));
  const createdAt = ctx.clock.now();
  const expiresAt = createdAt + options.expiresMs;
  const scopes = wanted.join(" ");
  await addToken(sql, {
    id,
    hash,
    userId: user.id,
    name: options.name,
    scopes,
    createdAt,
    expiresAt,
  });
  await note(ctx, sql, { action: "token.create", target: id, outcome: scopes });
  const until = new Date(expiresAt).toISOString();
  if (options.json) {
    ctx.io.out(
      `${JSON.stringify({ schemaVersion: 1, id, token: text, scopes: wanted, expiresAt: until })}\n`,
    );
  } else {
    ctx.io.out(`${text}\n`);
    ctx.io.err(`token ${id} of ${user.email} holds until ${until}; it is not shown again\n`);
  }
  return exitCodes.ok;
}

/** All tokens, ended ones too; never their texts. */
export async function listTokensCommand(
  ctx: Context,
  { json }: { json: boolean },
): Promise<number> {
  await using sql = await openSql(ctx);
  const [tokens, users] = [await listTokens(sql), await listUsers(sql)];
  if (json) {
    ctx.io.out(`${JSON.stringify({ schemaVersion: 1, tokens }, null, 2)}\n`);
    return exitCodes.ok;
  }
  const now = ctx.clock.now();
  const rows = tokens.map(({ id, userId, name, scopes, expiresAt, revokedAt }) => {
    const state = revokedAt !== undefined ? "revoked" : expiresAt <= now ? "expired" : "holds";
    const owner = users.find((user) => user.id === userId)?.email ?? userId;
    return [id, owner, name, state, new Date(expiresAt).toISOString().slice(0, 10), scopes];
  });
  const columns = ctx.io.stdoutIsTty ? ctx.io.columns : Number.POSITIVE_INFINITY;
  const headers = ["ID", "OWNER", "NAME", "STATE", "UNTIL", "SCOPES"];
  ctx.io.out(formatTable({ headers, rows, columns }));
  return exitCodes.ok;
}

/** Ends a token at once, also where streams of it are open. Throws AppError, exit 2, for an unknown one. */
export async function revokeTokenCommand(ctx: Context, id: string): Promise<number> {
  await using sql = await openSql(ctx);
  const known = (await listTokens(sql)).find((token) => token.id === id);
  if (known === undefined) {
    throw usageError(`there is no token ${JSON.stringify(id)}`, "mosaic gateway token list");
  }
  const isEnded = await revokeToken(sql, { id, at: ctx.clock.now() });
  if (isEnded) await note(ctx, sql, { action: "token.revoke", target: id, outcome: "ok" });
  ctx.io.out(isEnded ? `token ${id} is ended\n` : `token ${id} was ended before\n`);
  return exitCodes.ok;
}
