import { expect, test } from "bun:test";
import { parseListed, parseLiving, parseShow } from "../../../src/supervisors/systemd/systemctl.ts";

test("systemctl show prints one block per unit", () => {
  const shown =
    "Id=mosaic-agent@a.service\nActiveState=active\n\nId=mosaic-agent@b.service\nStatusText=x=y\n";
  expect([...parseShow(shown)]).toEqual([
    ["mosaic-agent@a.service", { Id: "mosaic-agent@a.service", ActiveState: "active" }],
    ["mosaic-agent@b.service", { Id: "mosaic-agent@b.service", StatusText: "x=y" }],
  ]);
});

test("list-units tells which units just run", () => {
  const listed = [
    "mosaic-agent@a.service loaded active running Mosaic agent a",
    "mosaic-agent@b.service loaded failed failed Mosaic agent b",
    "",
  ].join("\n");
  expect([...parseListed(listed)]).toEqual([
    ["mosaic-agent@a.service", true],
    ["mosaic-agent@b.service", false],
  ]);
});

test("what runs, or is on its way up or down, lives", () => {
  const states = ["active", "activating", "deactivating", "failed", "inactive"];
  const listed = states.map((state) => `mosaic-agent@${state}.service loaded ${state} x y\n`);
  expect(parseLiving(listed.join(""))).toEqual(
    states.slice(0, 3).map((state) => `mosaic-agent@${state}.service`),
  );
});
