import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  holderOf,
  type LockProcess,
  type LockRecord,
  lockFormat,
  lockNamePattern,
  lockText,
  parseLock,
} from "../../src/domain/lock-record.ts";

const owner: LockProcess = {
  pid: 4242,
  startTicks: 1000,
  bootId: "boot-1",
  pidNamespace: "pid:[1]",
  host: "test-host",
};
const record: LockRecord = {
  format: lockFormat,
  token: "a1",
  owner,
  purpose: "agent reset",
  acquiredAt: 1_767_225_600_000,
  children: [{ pid: 50, startTicks: 7, isSupervised: true }],
  isBeating: true,
};
const breaker = { token: "b2", process: { ...owner, pid: 4343 }, isAcknowledged: false };

/** What a file says when one field of the record above is another. */
const parseWith = (fields: Record<string, unknown>) =>
  parseLock(JSON.stringify({ ...record, ...fields }));

const pid = (min: number) => fc.integer({ min, max: 2 ** 22 });
const lockProcess: fc.Arbitrary<LockProcess> = fc.record({
  pid: pid(1),
  startTicks: fc.nat(),
  bootId: fc.string(),
  pidNamespace: fc.string(),
  host: fc.string(),
});
const lockRecord: fc.Arbitrary<LockRecord> = fc.record(
  {
    format: fc.integer({ min: 1, max: 9 }),
    token: fc.string({ minLength: 1 }),
    owner: lockProcess,
    purpose: fc.string({ unit: "binary" }),
    acquiredAt: fc.nat(),
    children: fc.array(
      fc.record({ pid: pid(2), startTicks: fc.nat(), isSupervised: fc.boolean() }),
    ),
    isBeating: fc.boolean(),
    breaker: fc.record({ token: fc.string(), process: lockProcess, isAcknowledged: fc.boolean() }),
  },
  { requiredKeys: ["format", "token", "owner", "purpose", "acquiredAt", "children", "isBeating"] },
);

test("a written record is read back, on one line", () => {
  fc.assert(
    fc.property(lockRecord, (written) => {
      const text = lockText(written);
      expect(text.indexOf("\n")).toBe(text.length - 1);
      expect(parseLock(text)).toEqual({ kind: "record", record: written });
    }),
  );
});

test("any part of a file is unreadable, and nothing throws", () => {
  fc.assert(
    fc.property(lockRecord, fc.nat(), (written, length) => {
      const text = lockText(written).trimEnd();
      expect(parseLock(text.slice(0, length % text.length))).toEqual({ kind: "unreadable" });
    }),
  );
});

test("any JSON is read to something, and a record of it is written as it was read", () => {
  fc.assert(
    fc.property(fc.json(), lockRecord, (json, base) => {
      for (const field of ["", ...Object.keys(base)]) {
        const text = field === "" ? json : JSON.stringify({ ...base, [field]: JSON.parse(json) });
        const content = parseLock(text);
        if (content.kind !== "record") continue;
        expect(parseLock(lockText(content.record))).toEqual(content);
      }
    }),
  );
});

test.each(["", "\n", "\0\0\0\0", "4242\n", "null", "[]", '"lock"', "{}", "{", '{"format":1}'])(
  "%j is unreadable",
  (text) => {
    expect(parseLock(text)).toEqual({ kind: "unreadable" });
  },
);

test.each([
  ["format", 0],
  ["format", -1],
  ["format", "1"],
  ["format", null],
  ["token", ""],
  ["owner", null],
  ["children", undefined],
  ["children", {}],
  ["children", [null]],
  ["breaker", null],
  ["breaker", { token: "b2" }],
  ["breaker", { ...breaker, token: 2 }],
  ["breaker", { ...breaker, process: { ...owner, pid: -1 } }],
])("a record whose %s is %j is unreadable", (field, value) => {
  expect(parseWith({ [field]: value })).toEqual({ kind: "unreadable" });
});

test.each([0, 1, -1, -4242, 2.5, 2 ** 60, "50", null, true])(
  "a command of pid %j may never be signalled, so the record is unreadable",
  (badPid) => {
    const children = [...record.children, { pid: badPid, startTicks: 7, isSupervised: false }];
    expect(parseWith({ children })).toEqual({ kind: "unreadable" });
  },
);

test.each([0, -1, 1.5, 2 ** 60, "4242", null])(
  "an owner of pid %j names no process, so the record is unreadable",
  (badPid) => {
    expect(parseWith({ owner: { ...owner, pid: badPid } })).toEqual({ kind: "unreadable" });
  },
);

test.each([undefined, true, 0, "no", null])("an owner beats unless it says false, not %p", (x) => {
  expect(parseWith({ isBeating: x })).toEqual({ kind: "record", record });
});

test("pid 1 is an owner: our program in a container", () => {
  expect(parseWith({ owner: { ...owner, pid: 1 } })).toMatchObject({ kind: "record" });
});

test.each([undefined, "1000", null])("without the start of a process, %j, nobody is named", (x) => {
  expect(parseWith({ owner: { ...owner, startTicks: x } })).toEqual({ kind: "unreadable" });
  expect(parseWith({ children: [{ pid: 50, startTicks: x }] })).toEqual({ kind: "unreadable" });
});

test("what only people read may be missing or wrong", () => {
  const { pid: ownerPid, startTicks } = owner;
  const fields = { purpose: 7, acquiredAt: "now", owner: { pid: ownerPid, startTicks, host: [] } };
  expect(parseWith({ ...fields, children: [{ pid: 50, startTicks: 7, isSupervised: 1 }] })).toEqual(
    {
      kind: "record",
      record: {
        ...record,
        purpose: "",
        acquiredAt: 0,
        owner: { pid: ownerPid, startTicks, bootId: "", pidNamespace: "", host: "" },
        children: [{ pid: 50, startTicks: 7, isSupervised: false }],
      },
    },
  );
});

test("of a newer format what it shares with ours is read", () => {
  expect(parseWith({ format: 2, lease: { until: 1 }, breaker })).toEqual({
    kind: "record",
    record: { ...record, format: 2, breaker },
  });
});

test.each([
  ["owner", "host:4242"],
  ["children", undefined],
  ["token", undefined],
])("a newer format whose %s is not as ours is newer, and not unreadable", (field, value) => {
  expect(parseWith({ format: 2, [field]: value })).toEqual({ kind: "newer", format: 2 });
});

test("what stands in a prototype is not read", () => {
  const inherited = `{"__proto__":${JSON.stringify({ ...record, breaker })},"format":1}`;
  expect(parseLock(inherited)).toEqual({ kind: "unreadable" });
  const extended = lockText(record).replace("{", '{"__proto__":{"breaker":1},"constructor":2,');
  expect(parseLock(extended)).toEqual({ kind: "record", record });
});

test("the breaker answers for a lock, and without one the owner", () => {
  expect([holderOf(record), holderOf({ ...record, breaker })]).toEqual([owner, breaker.process]);
});

test.each([
  ["lead", true],
  ["web-2", true],
  ["a".repeat(40), true],
  ["a".repeat(41), false],
  ["", false],
  ["2web", false],
  ["../x", false],
  ["lead\n", false],
])("that %j is a lock's name is %p", (name, isName) => {
  expect(lockNamePattern.test(name)).toBe(isName);
});
