// Every table of the store with its columns, for whoever copies a whole store. A test holds them equal to the schema.

export interface Table {
  name: string;
  /** Names of columns that together name a row, in the order of a walk through the table. */
  key: readonly string[];
  columns: readonly string[];
  /** Its key counts itself. */
  isSerial?: boolean;
}

/** In an order in which each row finds what it refers to. */
export const tables: readonly Table[] = [
  { name: "facts", key: ["name"], columns: ["name", "value"] },
  {
    name: "users",
    key: ["id"],
    columns: ["id", "email", "name", "role", "password", "is_disabled", "created_at", "updated_at"],
  },
  {
    name: "hosts",
    key: ["id"],
    columns: ["id", "name", "version", "agents", "seen_at", "left_at"],
  },
  { name: "bootstrap", key: ["id"], columns: ["id", "user_id", "at"] },
  { name: "known_networks", key: ["user_id", "network"], columns: ["user_id", "network", "at"] },
  {
    name: "sessions",
    key: ["hash"],
    columns: ["hash", "user_id", "created_at", "seen_at", "expires_at", "address"],
  },
  {
    name: "tokens",
    key: ["id"],
    columns: [
      "id",
      "hash",
      "user_id",
      "name",
      "scopes",
      "created_at",
      "expires_at",
      "last_used_at",
      "revoked_at",
      "parent",
    ],
  },
  {
    name: "messages",
    key: ["host", "id"],
    columns: [
      "host",
      "id",
      "agent",
      "label",
      "user_id",
      "body",
      "status",
      "reason",
      "answer",
      "receipts",
      "created_at",
      "expires_at",
    ],
  },
  {
    name: "audit",
    key: ["seq"],
    columns: ["seq", "at", "actor", "via", "action", "target", "outcome", "address"],
    isSerial: true,
  },
];
