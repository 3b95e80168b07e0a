import { expect, test } from "bun:test";
import { fakeContext } from "./fake-context.ts";
import { rest } from "./fake-exec.ts";

test("an expected call is answered, and done is content", async () => {
  using ctx = fakeContext();
  ctx.expectExec(["tmux", "-L", /^mosaic/, rest], { stdout: "one\n" });
  const result = await ctx.exec(["tmux", "-L", "mosaic-x", "list-panes", "-a"], { stdin: "in" });
  expect(result).toEqual({
    exitCode: 0,
    signal: null,
    stdout: "one\n",
    stderr: "",
    timedOut: false,
  });
  expect(ctx.execCalls).toEqual([
    { argv: ["tmux", "-L", "mosaic-x", "list-panes", "-a"], options: { stdin: "in" } },
  ]);
  ctx.done();
});

test("an unexpected call throws, and done says it again should the code swallow it", async () => {
  using ctx = fakeContext();
  ctx.expectExec(["tmux", "-V"]);
  const error = await ctx.exec(["tmux", "kill-server"]).catch((fault: unknown) => fault);
  expect(error).toEqual(new Error("no exec stub for: tmux kill-server\n  expected: tmux -V"));
  expect(() => ctx.done()).toThrow(
    "unexpected exec: tmux kill-server\nexec expected 1 more time(s): tmux -V",
  );
});

test("expectations are used up in order; what is allowed may come or not", async () => {
  using ctx = fakeContext();
  ctx.expectExec(["a"], { stdout: "1" });
  ctx.expectExec(["a"], ({ argv }) => ({ stdout: argv.join() + "2", exitCode: 1 }));
  ctx.allowExec((argv) => argv[0] === "b", { signal: "SIGKILL" });
  ctx.allowExec(["never"]);
  const results = [await ctx.exec(["a"]), await ctx.exec(["a"]), await ctx.exec(["b", "c"])];
  expect(results.map(({ stdout, exitCode }) => [stdout, exitCode])).toEqual([
    ["1", 0],
    ["a2", 1],
    ["", null],
  ]);
  await ctx.exec(["b"]);
  ctx.done();
});

test("a spawned child is the test's to play", async () => {
  using ctx = fakeContext();
  const child = ctx.expectSpawn(["sh", rest]);
  const lines: string[] = [];
  const spawned = ctx.spawn(["sh", "x"], { env: {}, onLine: (line) => lines.push(line) });
  child.onSignal = (signal) => child.exit({ signal });
  child.line("ready");
  spawned.kill("SIGTERM");
  expect(await spawned.exited).toEqual({ exitCode: null, signal: "SIGTERM" });
  expect([lines, child.argv, child.signals, spawned.pid]).toEqual([
    ["ready"],
    ["sh", "x"],
    ["SIGTERM"],
    child.pid,
  ]);
  ctx.done();
});

test("the automatic clock jumps from sleeper to sleeper in order of time", async () => {
  using ctx = fakeContext();
  const startedAt = ctx.clock.now();
  const woken: [string, number][] = [];
  const sleeper = async (name: string, pauses: number[]) => {
    for (const ms of pauses) {
      await ctx.clock.sleep(ms);
      woken.push([name, ctx.clock.now() - startedAt]);
    }
  };
  await Promise.all([sleeper("slow", [1000, 1000]), sleeper("fast", [300, 300, 900])]);
  expect(woken).toEqual([
    ["fast", 300],
    ["fast", 600],
    ["slow", 1000],
    ["fast", 1500],
    ["slow", 2000],
  ]);
});

test("the manual clock stands still until it is moved", async () => {
  using ctx = fakeContext({ clock: "manual" });
  const woken: number[] = [];
  const startedAt = ctx.clock.now();
  const loop = async () => {
    for (let round = 0; round < 3; round++) {
      await ctx.clock.sleep(100);
      woken.push(ctx.clock.now() - startedAt);
    }
  };
  const running = loop();
  await ctx.clock.advance(250);
  expect([woken, ctx.clock.now() - startedAt, ctx.clock.sleepers]).toEqual([[100, 200], 250, 1]);
  await ctx.clock.advance(50);
  await running;
  expect(woken).toEqual([100, 200, 300]);
});

test("an aborted sleep on the fake clock ends early, as on the real one", async () => {
  using ctx = fakeContext({ clock: "manual" });
  const abort = new AbortController();
  const sleeping = ctx.clock.sleep(1000, abort.signal);
  abort.abort();
  await sleeping;
  expect(ctx.clock.sleepers).toBe(0);
});

test("what is printed is kept apart, and an unasked answer is a fault", async () => {
  using ctx = fakeContext({ answers: [true, false], stdin: "in", io: { columns: 40 } });
  ctx.io.out("data");
  ctx.io.err("note");
  ctx.io.progress("50 %");
  expect([ctx.stdout, ctx.stderr, ctx.terminal.progress, ctx.io.columns]).toEqual([
    "data",
    "note",
    ["50 %"],
    40,
  ]);
  expect([await ctx.io.readStdin(), await ctx.io.confirm("Go?")]).toEqual(["in", true]);
  expect(() => ctx.done()).toThrow("answer never asked for: false");
});

test("a program in raw mode hears the keyboard", () => {
  using ctx = fakeContext({ io: { stdinIsTty: true } });
  const heard: string[] = [];
  {
    using raw = ctx.io.rawTerminal({
      onData: (chunk) => heard.push(new TextDecoder().decode(chunk)),
      onResize: () => heard.push(JSON.stringify(raw.size())),
      onEnd: () => heard.push("end"),
    });
    ctx.terminal.type("a");
    ctx.terminal.resize(100, 30);
    ctx.terminal.hangUp();
  }
  expect([heard, ctx.terminal.isRaw]).toEqual([["a", '{"columns":100,"rows":30}', "end"], false]);
});

test("two contexts in one home share their sockets and nothing with others", async () => {
  using server = fakeContext();
  using client = fakeContext({ home: server.home });
  using stranger = fakeContext();
  const served = await server.sockets.serve(`${server.paths.runtime}/s`, async ({ body }) => ({
    status: 200,
    body: { got: body },
  }));
  const ask = (ctx: typeof client) =>
    ctx.sockets.request(`${ctx.paths.runtime}/s`, { method: "POST", path: "/", body: [1] });
  expect([await ask(client), await ask(stranger)]).toEqual([
    { status: 200, body: { got: [1] } },
    undefined,
  ]);
  await served.close();
  expect(await ask(client)).toBeUndefined();
});

test("processes are what the table says", async () => {
  using ctx = fakeContext({ processes: [{ pid: 70, argv: ["/usr/bin/claude"] }] });
  expect(await ctx.processes.one(70)).toMatchObject({ comm: "claude", parentPid: 1, state: "S" });
  expect([ctx.processes.signal(70, "SIGTERM"), ctx.processes.signal(71, "SIGTERM")]).toEqual([
    true,
    false,
  ]);
  expect(ctx.signalled).toEqual([{ pid: 70, signal: "SIGTERM" }]);
});

test("a raised signal reaches who waits, or who waits next", async () => {
  using ctx = fakeContext();
  const waiting = ctx.untilSignal();
  ctx.raise("SIGINT");
  ctx.raise("SIGTERM");
  expect([await waiting, await ctx.untilSignal()]).toEqual(["SIGINT", "SIGTERM"]);
});

test("files are real, in a home that goes with the context", async () => {
  let path = "";
  {
    using ctx = fakeContext({ assets: { "fleet/a.yaml": "x" } });
    path = `${ctx.paths.config}/file`;
    await ctx.files.write(path, "x", 0o600);
    expect(await ctx.assets.list()).toEqual(["fleet/a.yaml"]);
    expect(ctx.home.read(".config/mosaic/file")).toBe("x");
  }
  expect(await Bun.file(path).exists()).toBe(false);
});
