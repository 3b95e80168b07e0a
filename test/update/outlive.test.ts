import { expect, test } from "bun:test";
import { mustOutlive } from "../../src/update/outlive.ts";
import { fakeContext } from "../support/fake-context.ts";

test("an update is refused where the gateway's restart would end it, and nowhere else", async () => {
  using fake = fakeContext();
  /** A context whose process is in this control group (cgroups(7)). */
  const inside = (group: string) => ({
    ...fake,
    files: { ...fake.files, readText: async () => `0::${group}\n` },
  });
  const slice = "/user.slice/user-1000.slice/user@1000.service/app.slice";
  const gateways = mustOutlive(inside(`${slice}/mosaic-gateway.service`));
  expect(await gateways.catch((error: unknown) => error)).toMatchObject({ exitCode: 4 });
  await mustOutlive(inside(`${slice}/mosaic-agent@lead.service`));
  await mustOutlive(inside("/user.slice/user-1000.slice/session-3.scope"));
});
