// What the gateway's store does, whichever database holds it. Each engine's test file runs all of it on its own. Over 200 lines
// because both run the same cases.
import { expect, test } from "bun:test";
import type { SqlServer } from "../../src/context.ts";
import { addAudit, listAudit } from "../../src/gateway/store/audit.ts";
import { dropOldHosts, listHosts, putHost } from "../../src/gateway/store/hosts.ts";
import {
  addKnownNetwork,
  dropOldNetworks,
  isKnownNetwork,
} from "../../src/gateway/store/known-networks.ts";
import { currentVersion, migrate } from "../../src/gateway/store/migrate.ts";
import { migrations } from "../../src/gateway/store/migrations.ts";
import {
  findMessage,
  listMessages,
  type MirroredMessage,
  putMessage,
} from "../../src/gateway/store/messages.ts";
import {
  addSession,
  dropOldSessions,
  endSessions,
  findSession,
  idleMs,
  listSessions,
} from "../../src/gateway/store/sessions.ts";
import {
  addToken,
  findToken,
  listTokens,
  revokeToken,
  touchToken,
} from "../../src/gateway/store/tokens.ts";
import {
  addFirstAdmin,
  addUser,
  changeUser,
  findCredentials,
  findUser,
  hasAdmin,
  listUsers,
} from "../../src/gateway/store/users.ts";

/** An empty store, and further connections to the same one; all are closed with it. */
export interface FreshStore extends AsyncDisposable {
  sql: SqlServer;
  another(): Promise<SqlServer>;
}

const at = 1_800_000_000_000;

const user = (id: string) => ({
  id,
  email: `${id}@example.com`,
  name: id,
  password: `hash ${id}`,
  at,
});

/** Texts that a statement put together by hand would trip over. */
const nasty = [
  `'; DROP TABLE users; --`,
  `" OR ""="`,
  "\\'; \\x00",
  "$1 ? ?1 :a",
  "ünï \u{1F98A}\n\ttab",
];

export function storeContract(fresh: () => Promise<FreshStore>): void {
  test("of twenty who claim to be the first admin at once, over two connections, one is", async () => {
    await using store = await migrated(fresh);
    const other = await store.another();
    const claims = Array.from({ length: 20 }, (_, index) =>
      addFirstAdmin(index % 2 === 0 ? store.sql : other, user(`user${index}`)),
    );
    const won = (await Promise.all(claims)).filter(Boolean);
    expect(won).toHaveLength(1);
    expect(await listUsers(store.sql)).toHaveLength(1);
    expect(await hasAdmin(other)).toBe(true);
  });

  test("an address has one account, and its texts come back as they were", async () => {
    await using store = await migrated(fresh);
    expect(await addUser(store.sql, { ...user("one"), role: "viewer" })).toBe(true);
    expect(
      await addUser(store.sql, { ...user("two"), email: "one@example.com", role: "admin" }),
    ).toBe(false);
    for (const [index, text] of nasty.entries()) {
      const id = `n${index}`;
      await addUser(store.sql, { id, email: text, name: text, password: text, role: "viewer", at });
      expect(await findCredentials(store.sql, text)).toMatchObject({
        user: { id, name: text },
        password: text,
      });
    }
    expect(await findUser(store.sql, { email: "nobody" })).toBeUndefined();
    expect(await listUsers(store.sql)).toHaveLength(1 + nasty.length);
  });

  test("the last admin stays, also when two connections take each other's place away", async () => {
    await using store = await migrated(fresh);
    const other = await store.another();
    await addFirstAdmin(store.sql, user("one"));
    expect(await changeUser(store.sql, { id: "one", role: "viewer", at })).toBe("last admin");
    await addUser(store.sql, { ...user("two"), role: "admin" });
    const ends = await Promise.all([
      changeUser(store.sql, { id: "one", isDisabled: true, at }),
      changeUser(other, { id: "two", role: "operator", at }),
    ]);
    expect(ends.toSorted()).toEqual(["changed", "last admin"]);
    expect(await hasAdmin(store.sql)).toBe(true);
    expect(await changeUser(store.sql, { id: "nobody", at })).toBe("unknown");
  });

  test("a session holds until it is ended, idle, too old, or its account changed", async () => {
    await using store = await migrated(fresh);
    const { sql } = store;
    await addFirstAdmin(sql, user("one"));
    const session = (hash: string) => addSession(sql, { hash, userId: "one", address: "::1", at });
    const holds = async (hash: string, when = at) =>
      (await findSession(sql, { hash, at: when }))?.id;
    await session("a");
    await session("b");
    expect(await holds("a")).toBe("one");
    expect(await holds("no")).toBeUndefined();
    expect(await holds("b", at + idleMs)).toBeUndefined();
    // Each use moves the idle end, but not the last one.
    for (let day = 1; day <= 29; day++) expect(await holds("a", at + day * 86_400_000)).toBe("one");
    expect(await holds("a", at + 30 * 86_400_000)).toBeUndefined();
    await dropOldSessions(sql, at + idleMs);
    expect((await listSessions(sql, "one")).map(({ hash }) => hash)).toEqual(["a"]);
    expect(await endSessions(sql, { hash: "a" })).toBe(1);
    await session("c");
    await changeUser(sql, { id: "one", password: "another", at });
    expect(await holds("c")).toBeUndefined();
  });

  test("a token holds until it is revoked or too old, or its account is disabled", async () => {
    await using store = await migrated(fresh);
    const { sql } = store;
    await addFirstAdmin(sql, user("one"));
    await addUser(sql, { ...user("two"), role: "viewer" });
    const token = {
      userId: "two",
      name: "ci",
      scopes: "agents:read",
      createdAt: at,
      expiresAt: at + 1000,
    };
    await addToken(sql, { ...token, id: "t1", hash: "h1" });
    await addToken(sql, { ...token, id: "t2", hash: "h2" });
    expect(await findToken(sql, { id: "t1", at })).toMatchObject({
      hash: "h1",
      user: { id: "two" },
    });
    expect(await findToken(sql, { id: "t1", at: at + 1000 })).toBeUndefined();
    await touchToken(sql, { id: "t1", at: at + 5 });
    expect(await revokeToken(sql, { id: "t1", at: at + 6 })).toBe(true);
    expect(await revokeToken(sql, { id: "t1", at: at + 7 })).toBe(false);
    expect(await findToken(sql, { id: "t1", at: at + 8 })).toBeUndefined();
    expect((await listTokens(sql, "two"))[0]).toMatchObject({
      lastUsedAt: at + 5,
      revokedAt: at + 6,
    });
    await changeUser(sql, { id: "two", isDisabled: true, at });
    expect(await findToken(sql, { id: "t2", at })).toBeUndefined();
  });

  test("a copy of a message is brought up to date, and keeps who sent it", async () => {
    await using store = await migrated(fresh);
    const { sql } = store;
    const one = message("m1", { userId: "one", body: nasty.join("\n") });
    await putMessage(sql, one);
    await putMessage(sql, { ...one, userId: undefined, status: "answered", answer: "yes" });
    expect(await findMessage(sql, "m1")).toEqual({ ...one, status: "answered", answer: "yes" });
    for (let index = 2; index <= 5; index++) {
      await putMessage(sql, message(`m${index}`, { createdAt: at + index }));
    }
    const ids = async (before: number) =>
      (await listMessages(sql, { host: "h", agent: "a", before, limit: 2 })).map(({ id }) => id);
    expect(await ids(at + 100)).toEqual(["m5", "m4"]);
    expect(await ids(at + 4)).toEqual(["m3", "m2"]);
  });

  test("the audit counts up, and is read backwards", async () => {
    await using store = await migrated(fresh);
    const entry = {
      at,
      actor: "a",
      via: "token",
      target: "t",
      outcome: "ok",
      address: "::1",
    } as const;
    for (const action of ["one", "two", "three"]) await addAudit(store.sql, { ...entry, action });
    const read = await listAudit(store.sql, { before: Number.MAX_SAFE_INTEGER, limit: 2 });
    expect(read.map(({ action }) => action)).toEqual(["three", "two"]);
    const more = await listAudit(store.sql, { before: read[1]?.seq ?? 0, limit: 2 });
    expect(more.map(({ action }) => action)).toEqual(["one"]);
  });

  test("a place where an account has logged in is known for ninety days, to that account alone", async () => {
    await using store = await migrated(fresh);
    const { sql } = store;
    await addFirstAdmin(sql, user("one"));
    await addUser(sql, { ...user("two"), role: "viewer" });
    const place = { userId: "one", network: "203.0.113.7" };
    await addKnownNetwork(sql, { ...place, at: at - 5 });
    await addKnownNetwork(sql, { ...place, at });
    const isKnown = (email: string, network: string, now = at) =>
      isKnownNetwork(sql, { email, network, at: now });
    const days = 24 * 60 * 60 * 1000;
    expect(await isKnown("one@example.com", "203.0.113.7")).toBe(true);
    expect(await isKnown("one@example.com", "203.0.113.7", at + 90 * days)).toBe(false);
    expect(await isKnown("one@example.com", "203.0.113.8")).toBe(false);
    expect(await isKnown("two@example.com", "203.0.113.7")).toBe(false);
    await dropOldNetworks(sql, at + 89 * days);
    expect(await isKnown("one@example.com", "203.0.113.7")).toBe(true);
    await dropOldNetworks(sql, at + 90 * days);
    expect(await isKnown("one@example.com", "203.0.113.7")).toBe(false);
  });

  test("a new password ends the account's sessions and tokens, and nobody else's", async () => {
    await using store = await migrated(fresh);
    const { sql } = store;
    await addFirstAdmin(sql, user("one"));
    await addUser(sql, { ...user("two"), role: "viewer" });
    for (const userId of ["one", "two"]) {
      await addSession(sql, { hash: `s-${userId}`, userId, at, address: "::1" });
      const token = { id: `t-${userId}`, hash: "h", userId, name: "n", scopes: "agents:read" };
      await addToken(sql, { ...token, createdAt: at, expiresAt: at + 1_000_000 });
    }
    const holding = async () => {
      const names: string[] = [];
      for (const userId of ["one", "two"]) {
        if (await findSession(sql, { hash: `s-${userId}`, at })) names.push(`s-${userId}`);
        if (await findToken(sql, { id: `t-${userId}`, at })) names.push(`t-${userId}`);
      }
      return names;
    };
    await changeUser(sql, { id: "one", name: "Another Name", at });
    expect(await holding()).toEqual(["s-one", "t-one", "s-two", "t-two"]);
    await changeUser(sql, { id: "one", password: "new hash", at });
    expect(await holding()).toEqual(["s-two", "t-two"]);
  });

  test("a host is brought up to date, and forgotten when it was not seen for long", async () => {
    await using store = await migrated(fresh);
    const { sql } = store;
    const agents = [{ name: "ada", runtime: "canary" }];
    const host = {
      id: "1",
      name: "alpha",
      version: "1.0.0",
      agents,
      seenAt: at,
      leftAt: undefined,
    };
    const other = { ...host, id: "2", name: "beta", agents: [], leftAt: at };
    await putHost(sql, other);
    await putHost(sql, { ...host, version: "0.9.0", agents: [], leftAt: at - 1 });
    await putHost(sql, host);
    expect(await listHosts(sql)).toEqual([host, other]);
    await putHost(sql, { ...host, seenAt: at + 1 });
    await dropOldHosts(sql, at + 1);
    expect((await listHosts(sql)).map(({ id }) => id)).toEqual(["1"]);
  });

  test("what fails within a transaction leaves nothing", async () => {
    await using store = await migrated(fresh);
    const failing = store.sql.transaction(async (tx) => {
      await addUser(tx, { ...user("one"), role: "viewer" });
      throw new Error("in the middle");
    });
    expect(failing).rejects.toThrow("in the middle");
    await failing.catch(() => undefined);
    expect(await listUsers(store.sql)).toEqual([]);
  });

  test("four that migrate at once take each step once", async () => {
    await using store = await fresh();
    const others = [store.sql, await store.another(), await store.another(), await store.another()];
    const steps = ["CREATE TABLE one (id {int})", "ALTER TABLE one ADD COLUMN more {int}"];
    const all = await Promise.all(others.map((sql) => migrate(sql, { migrations: steps })));
    expect(all).toEqual([2, 2, 2, 2]);
    expect(await store.sql.all("SELECT version FROM schema_versions")).toHaveLength(2);
  });

  test("a step that fails takes back the whole migration; the former version is told first", async () => {
    await using store = await fresh();
    const first = ["CREATE TABLE one (id {int})"];
    await migrate(store.sql, { migrations: first });
    const backedUp: number[] = [];
    const broken = [...first, "CREATE TABLE two (id {int})", "CREATE TABLE one (id {int})"];
    const failing = migrate(store.sql, {
      migrations: broken,
      backUp: async (version) => void backedUp.push(version),
    });
    expect(
      await failing.then(
        () => "no fault",
        () => "fault",
      ),
    ).toBe("fault");
    expect([backedUp, await currentVersion(store.sql)]).toEqual([[1], 1]);
    const mended = [...first, "CREATE TABLE two (id {int})"];
    expect(await migrate(store.sql, { migrations: mended })).toBe(2);
  });

  test("a store of a newer mosaic is left alone", async () => {
    await using store = await fresh();
    await migrate(store.sql, { migrations: [...migrations, "CREATE TABLE newer (id {int})"] });
    const failing = migrate(store.sql);
    expect(await failing.then(() => "", String)).toContain("was written by a newer mosaic");
  });
}

async function migrated(fresh: () => Promise<FreshStore>): Promise<FreshStore> {
  const store = await fresh();
  await migrate(store.sql);
  return store;
}

function message(id: string, more: Partial<MirroredMessage>): MirroredMessage {
  return {
    host: "h",
    id,
    agent: "a",
    label: "h:somebody",
    userId: undefined,
    body: "text",
    status: "queued",
    reason: "",
    answer: undefined,
    receipts: [
      {
        status: "queued",
        at: "2026-01-01T00:00:00.000Z",
        source: "sender",
        evidence: "",
        cause: "",
      },
    ],
    createdAt: at,
    expiresAt: at + 1,
    ...more,
  };
}
