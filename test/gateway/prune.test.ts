import { expect, test } from "bun:test";
import { openSqlServer } from "../../src/adapters/sql-server.ts";
import { createPruning, pruneMs } from "../../src/gateway/prune.ts";
import { addAudit, listAudit } from "../../src/gateway/store/audit.ts";
import { migrate } from "../../src/gateway/store/migrate.ts";
import { addSession, listSessions } from "../../src/gateway/store/sessions.ts";
import { addFirstAdmin } from "../../src/gateway/store/users.ts";
import { tempHome } from "../support/temp-home.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** A store with an entry of the audit per day of the last ten, a session, and a clock that can be set. */
async function site(home: ReturnType<typeof tempHome>) {
  const sql = await openSqlServer(home.at("gateway.db"));
  await migrate(sql);
  const clock = { wall: Date.UTC(2026, 5, 1), mono: 0 };
  const at = clock.wall;
  await addFirstAdmin(sql, {
    id: "one",
    email: "one@example.com",
    name: "One",
    password: "hash",
    at,
  });
  await addSession(sql, { hash: "h", userId: "one", at, address: "::1" });
  const entry = { actor: "", via: "cli", target: "", outcome: "ok", address: "" } as const;
  for (let day = 0; day < 10; day++) {
    await addAudit(sql, { ...entry, at: at - day * dayMs - 1, action: `day ${day}` });
  }
  const prune = createPruning(
    { now: () => clock.wall, monotonic: () => clock.mono },
    { sql, auditDays: 3 },
  );
  const goOn = (ms = pruneMs) => {
    clock.wall += ms;
    clock.mono += ms;
  };
  const left = async () => [
    (await listAudit(sql, { before: 1_000, limit: 100 })).length,
    (await listSessions(sql, "one")).length,
  ];
  return { sql, clock, prune, goOn, left };
}

test("the audit is kept for its days and no longer, once the clock has gone steadily for an hour", async () => {
  using home = tempHome();
  const { sql, prune, goOn, left } = await site(home);
  await using _ = sql;
  expect([await prune(), await left()]).toEqual([false, [10, 1]]);
  goOn();
  expect([await prune(), await left()]).toEqual([true, [3, 1]]);
}, 20_000);

test.each([
  ["ten years ahead", 3_650 * dayMs],
  ["ten years back", -3_650 * dayMs],
  ["five minutes ahead", 5 * 60_000],
])(
  "a clock that jumps %s and is set right again costs nothing",
  async (_, ms) => {
    using home = tempHome();
    const { sql, clock, prune, goOn, left } = await site(home);
    await using store = sql;
    expect(store.engine).toBe("sqlite");
    await prune();
    goOn();
    clock.wall += ms;
    expect([await prune(), await left()]).toEqual([false, [10, 1]]);
    goOn();
    clock.wall -= ms;
    expect([await prune(), await left()]).toEqual([false, [10, 1]]);
    goOn();
    expect([await prune(), (await left())[1]]).toEqual([true, 1]);
  },
  20_000,
);
