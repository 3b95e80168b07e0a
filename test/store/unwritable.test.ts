// A state.db that can be read and not written: doctor says so, names the file, and opens what is ours.
import { chmodSync, chownSync, readdirSync, statSync } from "node:fs";
import { expect, test } from "bun:test";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";
import { runCommand } from "../support/run-command.ts";

const isRoot = process.getuid?.() === 0;
const other = 65_534;
const asUser = isRoot ? ["setpriv", `--reuid=${other}`, `--regid=${other}`, "--clear-groups"] : [];

/** Root may write whatever the mode says, so the files are somebody else's then, who is the one to ask. */
async function closedStore(...ends: string[]) {
  const ctx = fakeContext();
  const store = await openStore(ctx);
  // Held open: its -wal and -shm stay.
  if (isRoot) {
    for (const name of readdirSync(ctx.home.path, { recursive: true })) {
      chownSync(ctx.home.at(String(name)), other, other);
    }
    chownSync(ctx.home.path, other, other);
  }
  const path = `${ctx.paths.state}/state.db`;
  for (const end of ends) chmodSync(`${path}${end}`, 0o400);
  const doctor = async (...args: string[]) => {
    const main = `${import.meta.dir}/../../src/main.ts`;
    const argv = [...asUser, process.execPath, main, "doctor", "--json", ...args];
    const env = { HOME: ctx.home.path, PATH: "/usr/bin:/bin" };
    const { stdout, stderr } = await runCommand(argv, { env, cwd: "/" });
    const found: { id: string }[] = JSON.parse(stdout).checks;
    return { check: found.find(({ id }) => id === "store"), stderr };
  };
  const close = () => {
    store[Symbol.dispose]();
    ctx[Symbol.dispose]();
  };
  return { path, doctor, [Symbol.dispose]: close };
}

test.each([[["", "-wal", "-shm"]], [["-shm"]], [[""]]])(
  "files of mode 0400 are named, and --fix opens them: state.db%j",
  async (ends) => {
    using site = await closedStore(...ends);
    const named = ends.map((end) => `${site.path}${end}`).join(", ");
    expect((await site.doctor()).check).toMatchObject({
      status: "problem",
      detail: `${named} cannot be written`,
      fix: `chmod 600 ${site.path}*`,
      canFix: true,
    });
    const { check, stderr } = await site.doctor("--fix");
    expect(stderr).toContain(`fixed: chmod 600 ${site.path}*\n`);
    expect(check).toMatchObject({ status: "ok", detail: "state.db is sound, 0 messages wait" });
    expect(statSync(site.path).mode & 0o777).toBe(0o600);
  },
);

test("a folder where state.db belongs is told as that, and how it is put away", async () => {
  using ctx = fakeContext();
  const path = `${ctx.paths.state}/state.db`;
  await ctx.files.makeDir(path, 0o700);
  const opened = openStore(ctx).catch((error: unknown) => error);
  expect(await opened).toMatchObject({
    message: `${path} is no file`,
    hint: `it is a folder; keep it under another name: mv ${path} ${path}.aside`,
  });
});
