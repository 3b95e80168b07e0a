import { openSqlServer } from "../../src/adapters/sql-server.ts";
import type { SqlServer } from "../../src/context.ts";
import { tempHome } from "../support/temp-home.ts";
import { storeContract } from "./store-contract.ts";

storeContract(async () => {
  const home = tempHome();
  const open: SqlServer[] = [];
  const another = async (): Promise<SqlServer> => {
    const sql = await openSqlServer(home.at("gateway.db"));
    open.push(sql);
    return sql;
  };
  return {
    sql: await another(),
    another,
    async [Symbol.asyncDispose]() {
      for (const sql of open) await sql[Symbol.asyncDispose]();
      home.remove();
    },
  };
});
