// The gateway's store: whether this version knows its schema. An update asks it of another version (src/update/smoke.ts).
import { AppError, exitCodes } from "../../errors.ts";
import { knownGatewaySchema } from "../../gateway/schema-version.ts";
import { gatewaySettings } from "../../gateway/settings.ts";
import { type Check, ok, skipped, thrown } from "../check.ts";

export const gatewayStore: Check = {
  id: "gateway-store",
  title: "gateway's store",
  needs: "home",
  async run(ctx) {
    try {
      const version = await knownGatewaySchema(ctx, await gatewaySettings(ctx));
      return ok(version === undefined ? "there is none yet" : `schema ${version}`);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // Faults of the configuration are another check's to tell, and a server that is away has a schema all the same.
      const isUnknown = error.exitCode === exitCodes.usage || error.exitCode === exitCodes.busy;
      return isUnknown ? skipped(error.message) : thrown(error);
    }
  },
};
