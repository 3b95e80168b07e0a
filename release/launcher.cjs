#!/usr/bin/env node
// `mosaic` of the npm package: becomes the executable that npm installed for this platform. Nothing is downloaded.
"use strict";
const { existsSync } = require("node:fs");
const { constants } = require("node:os");

const base = `${process.platform}-${process.arch}`;
// An npm older than 10.4 installs both of Linux, whatever the package's `libc` says.
const isMusl = existsSync("/lib/ld-musl-x86_64.so.1") || existsSync("/lib/ld-musl-aarch64.so.1");
const isGlibc =
  existsSync("/lib64/ld-linux-x86-64.so.2") || existsSync("/lib/ld-linux-aarch64.so.1");
const names = isMusl && !isGlibc ? [`${base}-musl`, base] : [base, `${base}-musl`];
const found = names.flatMap((name) => {
  try {
    return [require.resolve(`@mosaicstack/mosaic-${name}/mosaic`)];
  } catch {
    return []; // That package is not installed.
  }
});
// In a checkout it lies beside this file.
const file = found[0] ?? (existsSync(`${__dirname}/mosaic`) ? `${__dirname}/mosaic` : undefined);

if (file === undefined) {
  process.stderr.write(
    `mosaic: there is no package for ${base}, or npm left it out (--omit=optional)\n` +
      `  hint: npm install @mosaicstack/mosaic-${names[0]}\n`,
  );
  process.exitCode = 1;
} else if (process.execve !== undefined && process.platform !== "win32") {
  // Node 22.15 and later: no process stays between, so signals and exit codes are the executable's own.
  process.removeAllListeners("warning");
  process.on("warning", () => {});
  process.execve(file, [file, ...process.argv.slice(2)], process.env);
} else {
  const { spawn } = require("node:child_process");
  const child = spawn(file, process.argv.slice(2), { stdio: "inherit" });
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
    // A terminal sends these to the whole group: the child has them already, and a second one means "at once".
    process.on(name, () => process.stdin.isTTY === true || child.kill(name));
  }
  child.on("error", (error) => {
    process.stderr.write(`mosaic: cannot start ${file}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
