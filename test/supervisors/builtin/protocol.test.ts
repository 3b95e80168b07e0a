// What the two sides of the control socket make of what they read, and what of the environment the fleet may see.
import { expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import { cleanEnv } from "../../../src/supervisors/clean-env.ts";
import {
  holderFiles,
  parseContact,
  protocol,
  readAnswer,
} from "../../../src/supervisors/builtin/protocol.ts";

const holder = { protocol, version: "1.0.0", pid: 77 };

function faultOf(status: number, body: unknown) {
  try {
    readAnswer({ status, body }, "1.0.0");
  } catch (error) {
    if (error instanceof AppError) {
      return { message: error.message, exitCode: error.exitCode, hint: error.hint };
    }
  }
  return undefined;
}

test("an answer of a supervisor that we understand is read, whatever its version", () => {
  const body = { ...holder, version: "1.1.0", agents: [] };
  expect(readAnswer({ status: 200, body }, "1.0.0").agents).toEqual([]);
});

test("a supervisor that we do not understand is named, with the way to replace it", () => {
  const fault = {
    message: "the running supervisor is mosaic 0.9.0, this is mosaic 1.0.0",
    exitCode: 3,
    hint: "replace it, the agents live on: kill -HUP 77; mosaic fleet start",
  };
  expect(faultOf(200, { ...holder, protocol: protocol + 1, version: "0.9.0" })).toEqual(fault);
  expect(faultOf(500, { ...holder, protocol: 0, version: "0.9.0" })).toEqual(fault);
  expect(faultOf(200, null)?.message).toContain("of another version");
});

test("a refusal keeps its words, exit code and hint, and names another version", () => {
  const refusal = { ...holder, error: "no agent x", exitCode: 2, hint: "mosaic agent roster" };
  expect(faultOf(500, refusal)).toEqual({
    message: "no agent x",
    exitCode: 2,
    hint: "mosaic agent roster",
  });
  expect(faultOf(500, { ...refusal, version: "1.1.0" })?.message).toBe(
    "no agent x (the running supervisor is mosaic 1.1.0)",
  );
});

test.each(["", "{", "null", "[]", '{"pid":"1"}', '{"pid":1,"version":"1"}'])(
  "the contact %p is none",
  (text) => expect(parseContact(text)).toBeUndefined(),
);

test("a contact reads back", () => {
  const contact = { pid: 1, version: "1.0.0", socket: "/run/x.sock" };
  expect(parseContact(JSON.stringify(contact))).toEqual(contact);
});

test("two shells with different runtime folders find the same lock and contact", () => {
  const login = holderFiles({ state: "/s", runtime: "/run/user/1/mosaic" }, "f");
  const cron = holderFiles({ state: "/s", runtime: "/s" }, "f");
  expect([cron.lock, cron.contact]).toEqual([login.lock, login.contact]);
  expect(cron.socket).not.toBe(login.socket);
});

test("of the environment only what is named gets through", () => {
  const kept = {
    HOME: "/h",
    PATH: "/bin",
    LANG: "C.UTF-8",
    LC_ALL: "C",
    TZ: "UTC",
    TERM: "xterm",
    XDG_STATE_HOME: "/x",
    TMUX_TMPDIR: "/t",
    https_proxy: "http://p",
    HTTPS_PROXY: "http://p",
    NO_PROXY: "localhost",
    SSL_CERT_FILE: "/c",
  };
  const dropped = {
    ANTHROPIC_API_KEY: "secret",
    BUN_OPTIONS: "--preload=x",
    NODE_OPTIONS: "--require=x",
    TMUX: "/tmp/tmux",
    TMUX_PANE: "%1",
    MOSAIC_AGENT: "lead",
    MOSAIC_INSTANCE: "abc",
    LD_PRELOAD: "x",
    MY_XDG_HOME: "x",
    no_proxy_secret: "x",
    UNSET: undefined,
  };
  expect(cleanEnv({ ...kept, ...dropped }, { config: "/c", state: "/s" })).toEqual({
    ...kept,
    MOSAIC_HOME: "/c",
    MOSAIC_STATE: "/s",
  });
});
