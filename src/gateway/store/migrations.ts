// The schema of the gateway's store, one step per entry, the same on SQLite and on PostgreSQL. A step that was released
// is never edited: add another one. `{int}` is a 64-bit number, `{serial}` a key that counts itself. Times are epoch
// milliseconds, and what is yes or no is 1 or 0.
import type { SqlServer } from "../../context.ts";

export const migrations: readonly string[] = [
  `
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE, -- lower case
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password TEXT NOT NULL,     -- argon2id, in PHC form
    is_disabled {int} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
  );
  -- The first admin, and that there is one: of any number who claim it, one gets the row.
  CREATE TABLE bootstrap (
    id {int} PRIMARY KEY CHECK (id = 1),
    user_id TEXT NOT NULL,
    at {int} NOT NULL
  );
  CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,      -- SHA-256 of the cookie
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at {int} NOT NULL,
    seen_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    address TEXT NOT NULL
  );
  CREATE INDEX sessions_user ON sessions (user_id);
  CREATE INDEX sessions_end ON sessions (expires_at);
  CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL,         -- SHA-256 of the whole token
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,       -- with spaces
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    last_used_at {int},
    revoked_at {int}
  );
  CREATE INDEX tokens_user ON tokens (user_id);
  -- A copy of what stands in state.db of the agents' hosts, so that one question reaches all of them.
  CREATE TABLE messages (
    host TEXT NOT NULL,
    id TEXT NOT NULL,
    agent TEXT NOT NULL,
    label TEXT NOT NULL,
    user_id TEXT,               -- who sent it through a gateway
    body TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    answer TEXT,
    receipts TEXT NOT NULL,     -- JSON
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    PRIMARY KEY (host, id)
  );
  CREATE INDEX messages_age ON messages (created_at);
  CREATE INDEX messages_agent ON messages (host, agent, created_at);
  CREATE TABLE audit (
    seq {serial},
    at {int} NOT NULL,
    actor TEXT NOT NULL,        -- an e-mail address, or nobody's name
    via TEXT NOT NULL,          -- session, token, cli or nothing
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    outcome TEXT NOT NULL,
    address TEXT NOT NULL
  );
  CREATE INDEX audit_age ON audit (at);
  `,
  `
  -- Single facts about this store, such as the id of its team.
  CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  );
  `,
  `
  -- The token that made it, with which it ends.
  ALTER TABLE tokens ADD COLUMN parent TEXT;
  CREATE INDEX tokens_parent ON tokens (parent);
  `,
  `
  -- Hosts whose gateway is, or was, one of this team. Which of them live is in Valkey.
  CREATE TABLE hosts (
    id TEXT PRIMARY KEY,        -- of a host and a home on it
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    agents TEXT NOT NULL,       -- JSON: names and runtimes
    seen_at {int} NOT NULL,     -- by the clock of that host
    left_at {int}               -- when its gateway ended and said so
  );
  `,
  `
  -- Where an account has logged in: attempts of others do not keep it out there.
  CREATE TABLE known_networks (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    at {int} NOT NULL,
    PRIMARY KEY (user_id, network)
  );
  `,
];

/** A step as one of the two understands it, one statement each. */
export function statementsOf(step: string, engine: SqlServer["engine"]): string[] {
  const types =
    engine === "sqlite"
      ? { int: "INTEGER", serial: "INTEGER PRIMARY KEY AUTOINCREMENT" }
      : { int: "BIGINT", serial: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY" };
  return step
    .replaceAll(/--.*$/gm, "")
    .replaceAll("{int}", types.int)
    .replaceAll("{serial}", types.serial)
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}
