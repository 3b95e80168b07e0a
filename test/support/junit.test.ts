// The report reader, on a report as bun 1.4.5 writes it.
import { expect, test } from "bun:test";
import { addCounts, readJunit } from "./junit.ts";

const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="5" assertions="1" failures="1" skipped="2" time="0.009798771">
  <testsuite name="test/a.test.ts" file="test/a.test.ts" tests="4" assertions="1" failures="1" skipped="2" time="0.0016">
    <testcase name="a &lt;x&gt;" classname="" time="0.000029" file="test/a.test.ts" line="2" assertions="0" />
    <testcase name="b" classname="" time="0.000169" file="test/a.test.ts" line="2" assertions="1">
      <failure type="AssertionError" message="expect(received)">AssertionError: expect(received)</failure>
    </testcase>
    <testcase name="c" classname="" time="0" file="test/a.test.ts" line="2" assertions="0">
      <skipped />
    </testcase>
    <testcase name="d" classname="" time="0" file="test/a.test.ts" line="2" assertions="0">
      <skipped message="TODO" />
    </testcase>
  </testsuite>
  <testsuite name="test/b.test.ts" file="test/b.test.ts" tests="1" assertions="0" failures="0" skipped="0" time="0.0006">
    <testsuite name="outer" file="test/b.test.ts" line="2" tests="1" assertions="0" failures="0" skipped="0" time="0">
      <testcase name="a" classname="outer" time="0.000007" file="test/b.test.ts" line="2" assertions="0" />
    </testsuite>
  </testsuite>
</testsuites>`;

test("counts, skipped names and files are read", () => {
  expect(readJunit(report)).toEqual({
    passed: 2,
    failed: 1,
    skipped: ["c", "d"],
    files: ["test/a.test.ts", "test/b.test.ts"],
  });
});

test("an empty report counts nothing, and reports add up", () => {
  const nothing = { passed: 0, failed: 0, skipped: [], files: [] };
  expect(readJunit("")).toEqual(nothing);
  expect(addCounts([readJunit(report), readJunit("")])).toEqual(readJunit(report));
});
