// The very first lock of a home, where not even the folder of the locks is there.
import { mkdirSync } from "node:fs";
import { expect, test } from "bun:test";
import { withRegistry } from "../../src/lock/registry-mutex.ts";
import { lockSite } from "../support/lock-site.ts";

test("the folder may come by another process between our try and our look", async () => {
  using site = lockSite();
  const files: typeof site.ctx.files = {
    ...site.ctx.files,
    stat(path) {
      if (path === site.files.dir) mkdirSync(path, { recursive: true });
      return site.ctx.files.stat(path);
    },
  };
  expect(await withRegistry({ ...site.ctx, files }, async () => site.left())).toEqual([
    "registry.mutex",
  ]);
  expect(site.left()).toEqual([]);
});
