import { expect, test } from "bun:test";
import { openSqlServer } from "../../src/adapters/sql-server.ts";
import type { SqlServer } from "../../src/context.ts";
import { addAudit, listAudit } from "../../src/gateway/store/audit.ts";
import { copyStore, sumStore } from "../../src/gateway/store/copy.ts";
import { putMessage } from "../../src/gateway/store/messages.ts";
import { migrate } from "../../src/gateway/store/migrate.ts";
import { tables } from "../../src/gateway/store/tables.ts";
import { addToken } from "../../src/gateway/store/tokens.ts";
import { addFirstAdmin, addUser } from "../../src/gateway/store/users.ts";
import { connectPostgres } from "../../src/adapters/postgres.ts";
import { postgresServer } from "../support/postgres-server.ts";
import { tempHome } from "../support/temp-home.ts";

const at = 1_800_000_000_000;

test("the list of tables and columns is the schema", async () => {
  using home = tempHome();
  await using sql = await store(home.at("a.db"));
  const names = await sql.all(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  );
  const known = [...tables.map(({ name }) => name), "schema_versions"];
  expect(names.map((row) => String(row["name"])).toSorted()).toEqual(known.toSorted());
  for (const { name, columns } of tables) {
    const rows = await sql.all(`SELECT name FROM pragma_table_info('${name}') ORDER BY cid`);
    expect(rows.map((row) => String(row["name"]))).toEqual([...columns]);
  }
});

test("a store is copied to PostgreSQL and back, also by a copy that was cut off, and goes on counting", async () => {
  using home = tempHome();
  await using postgres = await postgresServer();
  await using from = await store(home.at("from.db"));
  await fill(from);
  await using team = connectPostgres(await postgres.database("copy"));
  await migrate(team);
  const cutOff = copyStore(from, team, (table) => {
    if (table === "messages") throw new Error("the power went");
  });
  expect(await cutOff.then(() => "", String)).toContain("the power went");
  const sums = await copyStore(from, team);
  expect(sums).toEqual(await sumStore(from));
  expect(sums.find(({ name }) => name === "messages")?.rows).toBe(1_200);
  await using back = await store(home.at("back.db"));
  expect(await copyStore(team, back)).toEqual(sums);
  await addAudit(team, entry("later"));
  const [last] = await listAudit(team, { before: Number.MAX_SAFE_INTEGER, limit: 1 });
  expect([last?.action, last?.seq]).toEqual(["later", 4]);
  // What the target has and the source has not is somebody else's.
  expect(await copyStore(from, team).then(() => "", String)).toContain(
    "do not hold the same rows: audit",
  );
}, 60_000);

const entry = (action: string) =>
  ({ at, actor: "a", via: "cli", action, target: "t", outcome: "ok", address: "" }) as const;

async function store(path: string): Promise<SqlServer> {
  const sql = await openSqlServer(path);
  await migrate(sql);
  return sql;
}

/** Keys that two collations would put into two orders, and texts that one of them cannot hold. */
async function fill(sql: SqlServer): Promise<void> {
  const user = (id: string) => ({
    id,
    email: `${id}@example.com`,
    name: "ünï \0 🦊",
    password: "h",
    at,
  });
  await addFirstAdmin(sql, user("B"));
  for (const id of ["a", "A", "b", "_", "Ä", "ä", "-"])
    await addUser(sql, { ...user(id), role: "viewer" });
  const token = { userId: "a", name: "t", scopes: "agents:read", createdAt: at, expiresAt: at };
  for (const id of ["t2", "T1", "t1"]) await addToken(sql, { ...token, id, hash: id });
  for (const action of ["one", "two", "three"]) await addAudit(sql, entry(action));
  await sql.transaction(async (tx) => {
    for (let index = 0; index < 1_200; index++) {
      await putMessage(tx, {
        host: index % 2 === 0 ? "h" : "H",
        id: `m${index}`,
        agent: "a",
        label: "l",
        userId: undefined,
        body: "line\n\0'\"",
        status: "queued",
        reason: "",
        answer: undefined,
        receipts: [],
        createdAt: at + index,
        expiresAt: at,
      });
    }
  });
}
