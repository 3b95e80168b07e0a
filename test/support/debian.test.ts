// The decision about missing programs.
import { expect, test } from "bun:test";
import { planInstall, suiteRequirements } from "./debian.ts";

const missing = suiteRequirements.filter((requirement) => requirement.package === "systemd");

test("nothing is done when nothing is missing", () => {
  expect(planInstall([], { isRoot: false, isDebian: false })).toEqual({ kind: "nothing" });
});

test("root on Debian gets each missing package once", () => {
  const plan = planInstall(missing, { isRoot: true, isDebian: true });
  expect(plan).toEqual({ kind: "install", packages: ["systemd"] });
});

test.each([
  { isDebian: true, isRoot: false, hint: "sudo apt-get install systemd" },
  { isDebian: false, isRoot: true, hint: "this system's packages: systemd" },
])("otherwise the person is told what is missing and how to get it: %o", ({ hint, ...host }) => {
  const plan = planInstall(missing, host);
  expect(plan.kind).toBe("refuse");
  const reason = plan.kind === "refuse" ? plan.reason : "";
  expect(reason).toContain("systemctl (units; Debian package systemd)");
  expect(reason).toContain(hint);
});
