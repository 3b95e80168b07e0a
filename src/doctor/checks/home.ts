// The home folder: named, there, and ours. Every other folder is below it unless the environment says otherwise.
import { type Check, ok, problem, thrown, warning } from "../check.ts";

export const home: Check = {
  id: "home",
  title: "home folder",
  needs: "nothing",
  async run(ctx, { homeFault }) {
    if (homeFault !== undefined) return thrown(homeFault.cause);
    const { home: path } = ctx.paths;
    const info = await ctx.files.stat(`${path}/.`);
    if (info?.kind !== "directory") {
      return problem(
        `HOME names ${path}, which is no folder`,
        'export HOME="$(getent passwd "$(id -u)" | cut -d: -f6)"',
      );
    }
    if (info.uid !== ctx.host.uid) {
      // sudo and su keep HOME, and then leave files behind that its owner cannot change.
      return warning(
        `${path} belongs to user ${info.uid}, and mosaic runs as user ${ctx.host.uid}`,
      );
    }
    return ok(path);
  },
};
