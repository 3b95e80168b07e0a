// Over 200 lines because the three shells share one driver on a real terminal and one table of expectations.
import { describe, expect, test } from "bun:test";
import { main } from "../../src/main.ts";
import { eventually } from "../support/eventually.ts";
import { fakeContext, type FakeContext } from "../support/fake-context.ts";
import { outputOf } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";

const roster = `version: 1
socket: mosaic-t
agents:
  - { name: canary-a, runtime: canary, workdir: ~/ }
  - { name: canary-b, runtime: canary, workdir: ~/ }
  - { name: worker, runtime: command, args: [cat], workdir: ~/ }
`;

async function complete(words: string[], prepare: (ctx: FakeContext) => void = () => {}) {
  using ctx = fakeContext({
    assets: {
      "fleet/examples/demo.yaml": "",
      "fleet/examples/minimal.yaml": "",
      "fleet/tmux.conf": "",
    },
  });
  prepare(ctx);
  const code = await main(["complete", "--", ...words], ctx);
  expect({ code, stderr: ctx.stderr }).toEqual({ code: 0, stderr: "" });
  ctx.done();
  const lines = ctx.stdout.trimEnd().split("\n");
  return { values: lines.slice(0, -1).map((line) => line.split("\t")[0]), directive: lines.at(-1) };
}

function withRoster(ctx: FakeContext): void {
  ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
}

function withBrokenRoster(ctx: FakeContext): void {
  ctx.home.write(".config/mosaic/fleet/roster.yaml", "agents: [");
}

describe("what a shell is offered", () => {
  test.each([
    [
      [""],
      [
        "wizard",
        "fleet",
        "agent",
        "gateway",
        "lock",
        "config",
        "doctor",
        "update",
        "uninstall",
        "completions",
      ],
    ],
    [["fl"], ["fleet"]],
    [
      ["fleet", "st"],
      ["start", "stop", "status"],
    ],
    [
      ["help", "fleet", "in"],
      ["init", "install-systemd"],
    ],
    [["-"], ["-h"]],
    [["--"], ["--version", "--help"]],
    [
      ["agent", "send", ""],
      ["canary-a", "canary-b", "worker"],
    ],
    [
      ["agent", "send", "ca"],
      ["canary-a", "canary-b"],
    ],
    [["agent", "send", "worker", ""], []],
    [["agent", "send", "--json", "w"], ["worker"]],
    [["agent", "send", "--message", "hi", "w"], ["worker"]],
    [["agent", "send", "--message=hi", "w"], ["worker"]],
    [["agent", "send", "worker", "--message", "ca"], []],
    [
      ["agent", "send", "--so"],
      ["--source-label", "--source"],
    ],
    [["agent", "tail", "worker", "--f"], ["--follow"]],
    [
      ["agent", "tail", "-n", "5", "ca"],
      ["canary-a", "canary-b"],
    ],
    [
      ["fleet", "start", "worker", ""],
      ["canary-a", "canary-b"],
    ],
    [["fleet", "start", "canary-a", "canary-b", "w"], ["worker"]],
    [
      ["fleet", "init", "--profile", ""],
      ["demo", "minimal"],
    ],
    [
      ["wizard", "--profile", ""],
      ["demo", "minimal", "found"],
    ],
    [["fleet", "init", "--profile=m"], ["--profile=minimal"]],
    [
      ["completions", ""],
      ["bash", "zsh", "fish"],
    ],
    [["nonsense", ""], []],
    [["canary", "--as"], ["--ask"]],
  ])("after %j", async (words, values) => {
    expect(await complete(words, withRoster)).toEqual({ values, directive: ":4" });
  });

  test.each([
    [["agent", "send", "worker", "--file", ""]],
    [["agent", "send", "worker", "--file=no"]],
  ])("file names after %j", async (words) => {
    expect(await complete(words, withRoster)).toEqual({ values: [], directive: ":0" });
  });

  test("no agents, and no complaint, without a roster or with a broken one", async () => {
    expect(await complete(["agent", "send", ""])).toEqual({ values: [], directive: ":4" });
    expect(await complete(["agent", "send", ""], withBrokenRoster)).toEqual({
      values: [],
      directive: ":4",
    });
  });
});

/** How each shell is started so that it reads the script as the help says, and shows `ready>` when it is done. */
const shells: Record<string, (home: string) => { argv: string[]; files: Record<string, string> }> =
  {
    bash: (home) => ({
      argv: ["bash", "--noprofile", "--rcfile", `${home}/rc`, "-i"],
      files: { rc: "source <(mosaic completions bash)\nPS1='ready> '\n" },
    }),
    zsh: () => ({
      argv: ["zsh", "-d", "-i"],
      files: {
        ".zshrc":
          "autoload -U compinit\ncompinit -D\nsource <(mosaic completions zsh)\nPS1='ready> '\n",
      },
    }),
    fish: () => ({
      argv: ["fish", "-i"],
      files: {
        ".config/fish/config.fish":
          "set fish_greeting\nmosaic completions fish | source\nfunction fish_prompt; echo -n 'ready> '; end\n",
      },
    }),
  };

describe.each(Object.keys(shells))("in a real %s", (shell) => {
  test("TAB completes commands, flags and agents, and runs nothing that was typed", async () => {
    using home = tempHome();
    const { argv, files } = shells[shell]?.(home.path) ?? { argv: [], files: {} };
    for (const [name, text] of Object.entries(files)) home.write(name, text);
    home.write(".config/mosaic/fleet/roster.yaml", roster);
    const program = `exec '${process.execPath}' '${import.meta.dir}/../../src/main.ts' "$@"`;
    home.write("bin/mosaic", `#!/bin/sh\n${program}\n`, 0o755);
    let screen = "";
    const child = Bun.spawn(argv, {
      cwd: home.path,
      env: {
        HOME: home.path,
        ZDOTDIR: home.path,
        PATH: `${home.at("bin")}:/usr/bin:/bin`,
        TERM: "xterm",
        LANG: "C.UTF-8",
      },
      terminal: {
        cols: 200,
        rows: 50,
        data: (_, bytes) => void (screen += new TextDecoder().decode(bytes)),
      },
    });
    const shows = (text: string) =>
      eventually(() => Bun.stripANSI(screen).includes(text), {
        what: `${text} in:\n${Bun.stripANSI(screen)}`,
      });
    try {
      for (const [typed, added, words] of [
        ["mosaic fl", "eet", ["mosaic", "fleet"]],
        ["mosaic agent send wo", "rker", ["mosaic", "agent", "send", "worker"]],
        [
          "mosaic fleet init --profile=mi",
          "nimal",
          ["mosaic", "fleet", "init", "--profile=minimal"],
        ],
        [
          "mosaic agent send -m '$(touch ran)' --js",
          "on",
          ["mosaic", "agent", "send", "-m", "$(touch ran)", "--json"],
        ],
        [
          'mosaic agent send -m "$(touch ran)" --js',
          "on",
          ["mosaic", "agent", "send", "-m", "", "--json"],
        ],
      ] as const) {
        const isHostile = typed.includes("touch");
        await shows("ready>");
        screen = "";
        child.terminal?.write(`${typed}\t`);
        await eventually(() => Bun.stripANSI(screen).includes(added), {
          what: `${added} in ${screen}`,
        });
        // Only when the line is run may what stands in it run.
        if (isHostile) expect(await Bun.file(home.at("ran")).exists()).toBe(false);
        // Ctrl-A: the completed line becomes the arguments of printf.
        child.terminal?.write("\u0001printf '<%s>' \r");
        await shows(words.map((word) => `<${word}>`).join(""));
      }
    } finally {
      child.kill("SIGKILL");
      await child.exited;
    }
  }, 30_000);
});

test("the scripts are sound for their shells, and can be read twice", async () => {
  const folder = `${import.meta.dir}/../../framework/completions`;
  await outputOf(["shellcheck", "-s", "bash", `${folder}/mosaic.bash`]);
  await outputOf(["bash", "-euc", 'source "$1"; source "$1"', "bash", `${folder}/mosaic.bash`]);
  await outputOf(["zsh", "-n", `${folder}/mosaic.zsh`]);
  await outputOf(["fish", "-n", `${folder}/mosaic.fish`]);
});
