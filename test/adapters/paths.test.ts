import { expect, test } from "bun:test";
import { resolvePaths } from "../../src/adapters/paths.ts";

const self = ["/opt/mosaic"];

test("with HOME alone everything is below it", () => {
  expect(resolvePaths({ HOME: "/home/ada" }, self)).toEqual({
    home: "/home/ada",
    config: "/home/ada/.config/mosaic",
    state: "/home/ada/.local/state/mosaic",
    data: "/home/ada/.local/share/mosaic",
    runtime: "/home/ada/.local/state/mosaic",
    systemdUser: "/home/ada/.config/systemd/user",
    executable: "/opt/mosaic",
    self,
  });
});

test("the XDG variables move each its folder", () => {
  const env = {
    HOME: "/home/ada/",
    XDG_CONFIG_HOME: "/c",
    XDG_STATE_HOME: "/s/",
    XDG_DATA_HOME: "/d",
    XDG_RUNTIME_DIR: "/run/user/1000",
  };
  expect(resolvePaths(env, self)).toMatchObject({
    home: "/home/ada",
    config: "/c/mosaic",
    state: "/s/mosaic",
    data: "/d/mosaic",
    runtime: "/run/user/1000/mosaic",
    systemdUser: "/c/systemd/user",
  });
});

test("MOSAIC_HOME moves the configuration, not the units", () => {
  const env = { HOME: "/h", MOSAIC_HOME: "/m/", XDG_CONFIG_HOME: "/c" };
  expect(resolvePaths(env, self)).toMatchObject({ config: "/m", systemdUser: "/c/systemd/user" });
});

test("a MOSAIC_HOME of its own has a state of its own; the usual one named is the usual one", () => {
  expect(resolvePaths({ HOME: "/h", MOSAIC_HOME: "/m" }, self).state).toBe("/m/state");
  const usual = resolvePaths({ HOME: "/h", MOSAIC_HOME: "/h/.config/mosaic" }, self);
  expect(usual.state).toBe("/h/.local/state/mosaic");
  const named = { HOME: "/h", MOSAIC_HOME: "/m", MOSAIC_STATE: "/s" };
  expect(resolvePaths(named, self).state).toBe("/s");
});

test("empty and relative XDG variables are as good as none", () => {
  const env = { HOME: "/h", XDG_CONFIG_HOME: "", XDG_STATE_HOME: "state", XDG_RUNTIME_DIR: "." };
  expect(resolvePaths(env, self)).toEqual(resolvePaths({ HOME: "/h" }, self));
});

test.each([
  [{}, "HOME is not set, so there is no place for the configuration"],
  [{ HOME: "" }, "HOME is not set, so there is no place for the configuration"],
  [{ HOME: "here" }, 'HOME must be an absolute path, not "here"'],
  [{ HOME: "/h", MOSAIC_HOME: "~/m" }, 'MOSAIC_HOME must be an absolute path, not "~/m"'],
])("%j is refused", (env, message) => {
  expect(() => resolvePaths(env, self)).toThrow(
    expect.objectContaining({ name: "AppError", message, exitCode: 2, hint: expect.any(String) }),
  );
});
