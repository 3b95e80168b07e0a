import { afterAll, beforeAll } from "bun:test";
import { connectPostgres } from "../../src/adapters/postgres.ts";
import type { SqlServer } from "../../src/context.ts";
import { type PostgresServer, postgresServer } from "../support/postgres-server.ts";
import { storeContract } from "./store-contract.ts";

let server: PostgresServer;
let count = 0;

beforeAll(async () => {
  server = await postgresServer();
}, 120_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
}, 30_000);

storeContract(async () => {
  const url = await server.database(`contract_${++count}`);
  const open: SqlServer[] = [];
  const another = async (): Promise<SqlServer> => {
    const sql = connectPostgres(url);
    open.push(sql);
    return sql;
  };
  return {
    sql: await another(),
    another,
    async [Symbol.asyncDispose]() {
      for (const sql of open) await sql[Symbol.asyncDispose]();
    },
  };
});
