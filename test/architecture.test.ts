// The shape of the code base, held by a test: who may import whom, and what stands in one place alone. Each rule carries its reason, and fails when the folder that it speaks of has vanished.
// Over 200 lines because every folder has its rule here.
import { describe, expect, test } from "bun:test";
import { runtimeNames } from "../src/domain/runtimes.ts";
import { codeOf, importsOf, sourceFiles } from "./support/source-files.ts";

interface ImportRule {
  folder: string;
  /** Prefixes of paths and packages. Importing types alone is free: it leaves nothing at run time. */
  may: string[];
  why: string;
}

const useCases = [
  "src/domain/",
  "src/errors.ts",
  "src/store/",
  "src/messages/",
  "src/supervisors/",
  "src/fleet/",
  "src/lock/",
  "src/config/",
  "src/hooks/",
];

const importRules: ImportRule[] = [
  {
    folder: "src/domain",
    may: ["src/domain/", "src/errors.ts", "valibot", "yaml", "@valibot/to-json-schema"],
    why: "values in, values out: tables and properties can test all of it without a machine",
  },
  {
    folder: "src/commands",
    may: [
      "src/commands/",
      "src/canary/",
      "src/doctor/",
      "src/wizard/",
      "src/gateway/",
      "src/update/",
      ...useCases,
      "citty",
      "@bomb.sh/tab",
    ],
    why: "a command only reads arguments and calls a use case; the machine is behind Context",
  },
  {
    folder: "src/fleet",
    may: useCases,
    why: "use cases reach the machine only through Context, so one strict fake tests them all",
  },
  {
    folder: "src/messages",
    may: useCases,
    why: "use cases too: what they know of the fleet is its roster and one look at its panes",
  },
  {
    folder: "src/store",
    may: ["src/store/", "src/domain/", "src/errors.ts"],
    why: "rows in, rows out: what they mean is decided in the domain",
  },
  {
    folder: "src/lock",
    may: ["src/lock/", "src/domain/", "src/errors.ts"],
    why: "the lock knows nothing of agents: whatever restarts something can use it",
  },
  {
    folder: "src/hooks",
    may: useCases,
    why: "use cases too: the hooks of Claude Code, which report by way of messages",
  },
  {
    folder: "src/config",
    may: ["src/config/", "src/domain/", "src/errors.ts"],
    why: "every feature may ask for settings, so they know none of them",
  },
  {
    folder: "src/supervisors",
    may: useCases,
    why: "a new supervisor is one folder that needs nothing of the command line or the machine",
  },
  {
    folder: "src/doctor",
    may: ["src/doctor/", "src/gateway/", ...useCases],
    why: "checks are use cases: the wizard and the dashboard will run them too",
  },
  {
    folder: "src/wizard",
    may: ["src/wizard/", "src/doctor/", "src/gateway/", ...useCases],
    why: "it applies what the single commands apply, by the same use cases",
  },
  {
    folder: "src/update",
    may: ["src/update/", "src/doctor/", "src/gateway/", ...useCases, "valibot"],
    why: "use cases: what an update does to a machine is told by one strict fake of it",
  },
  {
    folder: "src/canary",
    may: ["src/canary/", "src/domain/", "src/errors.ts"],
    why: "the canary is an agent: it knows the terminal and nothing of the fleet that runs it",
  },
  {
    folder: "src/gateway",
    may: ["src/gateway/", "src/config/", ...useCases, "hono", "valibot", "@valibot/to-json-schema"],
    why: "the gateway is one more caller of the use cases: what it does to the fleet, commands can do",
  },
  {
    folder: "src/adapters",
    may: [
      "src/adapters/",
      "src/domain/",
      "src/errors.ts",
      "src/release.ts",
      "src/version.ts",
      "node:",
      "bun:",
      "@clack/prompts",
    ],
    why: "adapters know the machine, not what it is used for",
  },
];

interface WordRule {
  word: RegExp;
  /** Files and folders in which it may stand. */
  only: string[];
  why: string;
}

const machineApis =
  "spawn|spawnSync|file|write|env|serve|connect|listen|udpSocket|sleep|sleepSync|stdin|stdout|Terminal";

const wordRules: WordRule[] = [
  {
    word: /\bprocess\.exit\(/,
    only: ["src/main.ts"],
    why: "one place decides the exit code, after everything is flushed and disposed",
  },
  {
    word: /\bconsole\.\w/,
    only: [],
    why: "data goes to stdout and all else to stderr: through ctx.io, which tests capture",
  },
  {
    word: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bsetTimeout\(|\bMath\.random\(/,
    only: ["src/adapters/"],
    why: "clock and randomness come through ctx; time is a parameter of pure code",
  },
  {
    word: /(?<![\w.$])process\.(env|std(in|out|err)|kill|on|once|cwd|chdir|execPath|exitCode|getuid)\b|=\s*process\s*[;,)]/,
    only: ["src/adapters/", "src/main.ts"],
    why: "environment, argv and streams are the machine",
  },
  {
    word: new RegExp(`\\bBun\\.(${machineApis}|\\$)\\b`),
    only: ["src/adapters/", "src/main.ts"],
    why: "Bun's pure functions are a library, but its processes, files and sockets are the machine",
  },
  {
    // A command may be called like a runtime (`mosaic canary`); its name is the one exception.
    // So may a field of a format that is not ours (`type: "command"` of a hook).
    word: new RegExp(`(?<!\\b(?:name: |type: |type=))(["'])(${runtimeNames.join("|")})\\1`),
    only: ["src/domain/runtimes.ts"],
    why: "a new runtime is one entry in one table; a comparison elsewhere is the second place",
  },
];

const source = sourceFiles("src/**/*.ts");

function isAmong(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) =>
    prefix.endsWith("/") || prefix.endsWith(":") ? path.startsWith(prefix) : path === prefix,
  );
}

describe("imports", () => {
  test.each(importRules)("$folder: $why", ({ folder, may }) => {
    const files = source.filter((file) => file.path.startsWith(`${folder}/`));
    expect(files, `${folder} has vanished: mend or drop its rule`).not.toBeEmpty();
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((path) => !isAmong(path, may))
        .map((path) => `${file.path} imports ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  test("every folder of src has its rule", () => {
    const folders = source.map((file) => file.path.match(/^src\/[^/]+(?=\/)/)?.[0] ?? "src");
    const known = ["src", ...importRules.map((rule) => rule.folder)];
    expect([...new Set(folders)].filter((folder) => !known.includes(folder))).toEqual([]);
  });
});

describe("words", () => {
  test.each(wordRules)("$word: $why", ({ word, only }) => {
    for (const place of only) {
      const isThere = source.some((file) => file.path.startsWith(place));
      expect(isThere, `${place} has vanished: mend or drop its rule`).toBe(true);
    }
    const wrong = source
      .filter((file) => !only.some((place) => file.path.startsWith(place)))
      .flatMap((file) => {
        const lines = codeOf(file).split("\n");
        return lines
          .filter((line) => word.test(line))
          .map((line) => `${file.path}: ${line.trim()}`);
      });
    expect(wrong).toEqual([]);
  });
});
