// The schema of state.db, one step per entry; `user_version` counts the steps that a file has. A step that was released
// is never edited: add another one. Times are epoch milliseconds.
export const migrations: readonly string[] = [
  `
  CREATE TABLE messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of an agent's queue
    id TEXT NOT NULL UNIQUE,
    agent TEXT NOT NULL,
    label TEXT NOT NULL,
    body TEXT NOT NULL,
    key TEXT,                  -- of the sender: the same one never types twice
    sender TEXT,               -- the agent of this fleet that it is from
    hops INTEGER NOT NULL,     -- how many agents passed on what led to it
    status TEXT NOT NULL,      -- the last receipt
    answer TEXT,
    is_joined INTEGER NOT NULL, -- accepted while the agent worked: the running turn may be its own or not
    is_now INTEGER NOT NULL,   -- does not wait until the agent is idle
    is_kept INTEGER NOT NULL,  -- the sender was told that it waits: tried again until it expires
    claimed_at INTEGER,        -- somebody began to type it: from then on it may have been typed
    accepted_by TEXT,          -- the run of the agent that reported it
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX messages_key ON messages (agent, key) WHERE key IS NOT NULL;
  CREATE INDEX messages_age ON messages (created_at);
  CREATE INDEX messages_queue ON messages (agent, status, seq);
  CREATE TABLE receipts (
    seq INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    status TEXT NOT NULL,
    at INTEGER NOT NULL,
    source TEXT NOT NULL,
    evidence TEXT NOT NULL,
    cause TEXT NOT NULL,
    UNIQUE (message, status)
  ) STRICT;
  CREATE TABLE agents (
    name TEXT NOT NULL,
    instance TEXT NOT NULL,    -- of the run that reported
    session TEXT NOT NULL,     -- the runtime's own id of the conversation; empty when it tells none
    turn TEXT NOT NULL,        -- the runtime's own id of the last turn; empty when it tells none
    activity TEXT NOT NULL,    -- idle, working, waiting
    detail TEXT NOT NULL,      -- the question, while it waits
    since INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    PRIMARY KEY (name, instance)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX messages_pair ON messages (sender, agent, created_at);
  `,
  // The runtime's own id of the turn that accepted it; empty when it tells none.
  "ALTER TABLE messages ADD COLUMN turn TEXT NOT NULL DEFAULT ''",
];
