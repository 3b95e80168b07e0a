// A folder that somebody else prepared: whatever a program might load from where it is started tells that it ran.
import { tempHome, type TempHome } from "./temp-home.ts";

/** Leaves a file behind that proves that it ran. */
const evil = `require("node:fs").writeFileSync(__dirname + "/it-ran", "");`;

/** `more` stands in every `.env` too. `using` removes it. */
export function hostileFolder(more = ""): TempHome {
  const folder = tempHome();
  folder.write("evil.js", evil);
  const env = [
    `MOSAIC_HOME=${folder.at("stolen")}`,
    `XDG_CONFIG_HOME=${folder.at("stolen")}`,
    `BUN_OPTIONS=--preload ${folder.at("evil.js")}`,
    `NODE_OPTIONS=--require ${folder.at("evil.js")}`,
    "BUN_BE_BUN=1",
    "PATH=.",
    more,
  ].join("\n");
  for (const name of [".env", ".env.local", ".env.production", ".env.development"]) {
    folder.write(name, env);
  }
  folder.write("bunfig.toml", `preload = ["./evil.js"]\n[run]\npreload = ["./evil.js"]\n`);
  folder.write("tsconfig.json", `{"compilerOptions":{"paths":{"citty":["./evil.js"]}}}`);
  folder.write("package.json", `{"type":"module","imports":{"#x":"./evil.js"}}`);
  for (const name of ["citty", "yaml", "valibot"]) {
    folder.write(
      `node_modules/${name}/index.js`,
      evil.replace("__dirname", `__dirname + "/../.."`),
    );
  }
  folder.write("tmux", `#!/bin/sh\ntouch ${folder.at("it-ran")}\n`, 0o755);
  return folder;
}
