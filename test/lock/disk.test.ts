// A full disk and a read-only one, with the kernel's own faults: the error names the file, and nothing half-made stays.
import { beforeAll, expect, test } from "bun:test";
import { startBreaker } from "../support/breaker.ts";
import { lockSite, recordOf } from "../support/lock-site.ts";
import { checkCanMount, onReadOnlyDisk, onTinyDisk, tinyDisk } from "../support/mounts.ts";

beforeAll(checkCanMount);

const acquire = { do: "acquire", name: "demo" } as const;

test.each([
  ["the mutex", 0, "registry.mutex"],
  ["the lock", 1, "registry.draft"],
])(
  "when the disk is full at %s, the error says so, and nothing half-made stays",
  async (_what, free, file) => {
    using site = lockSite();
    await using breaker = await startBreaker(site, { through: onTinyDisk(site, 8) });
    await breaker.ask(acquire, "acquired");
    await breaker.ask({ do: "release" }, "released");
    const disk = tinyDisk(breaker, site);
    disk.fill(free);
    expect(await breaker.ask(acquire, "refused")).toEqual({
      event: "refused",
      message: `cannot write ${site.files.dir}/${file}: no space left on device`,
      exitCode: 1,
      hint: `df -h ${site.files.dir}`,
    });
    expect(disk.left()).toEqual([]);
    disk.free();
    await breaker.ask(acquire, "acquired");
    expect(disk.left()).toEqual(["demo.lock"]);
  },
);

test("what a full disk keeps from being released is the lock still, and is released later", async () => {
  using site = lockSite();
  await using breaker = await startBreaker(site, { through: onTinyDisk(site, 8) });
  await breaker.ask(acquire, "acquired");
  const disk = tinyDisk(breaker, site);
  disk.fill(0);
  expect(await breaker.ask({ do: "run", argv: ["true"] }, "refused")).toMatchObject({
    message: expect.stringContaining("no space left on device"),
  });
  expect(await breaker.ask({ do: "check" }, "checked")).toMatchObject({ isOurs: true });
  expect(await breaker.ask({ do: "release" }, "refused")).toMatchObject({
    message: expect.stringContaining("no space left on device"),
  });
  expect(disk.left()).toEqual(["demo.lock"]);
  disk.free();
  expect(await breaker.ask({ do: "release" }, "released")).toMatchObject({ end: "released" });
  expect(disk.left()).toEqual([]);
});

test.each([
  ["make the folder", "locks", async () => {}],
  ["create", "locks/registry.mutex", async (site: ReturnType<typeof lockSite>) => void site.left()],
  [
    "create",
    "locks/registry.mutex",
    async (site: ReturnType<typeof lockSite>) => {
      site.leave("demo", await recordOf(site, 2 ** 22 + 1));
    },
  ],
])(
  "a read-only state folder is an error that names what it could not %s: %s",
  async (verb, path, prepare) => {
    using site = lockSite();
    site.write("state/made", "");
    await prepare(site);
    await using breaker = await startBreaker(site, { through: onReadOnlyDisk(site) });
    expect(await breaker.ask(acquire, "refused")).toEqual({
      event: "refused",
      message: `cannot ${verb} ${site.at(`state/${path}`)}: read-only file system`,
      exitCode: 1,
      hint: expect.stringContaining("findmnt -T"),
    });
  },
);
