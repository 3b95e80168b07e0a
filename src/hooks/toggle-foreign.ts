// A foreign hook is cut out of settings.json and kept in our file, or put back. The keeping comes first, the forgetting
// last: killed in between, it is there twice rather than lost.
import type { Context } from "../context.ts";
import { settingsHooks } from "../domain/claude-entries.ts";
import { cutForeign, foreignId, putBackForeign } from "../domain/foreign-hooks.ts";
import { forgetForeign, noteForeign } from "../domain/hook-switches.ts";
import { readJson } from "../domain/json-text.ts";
import { editSettings, readSettings } from "./edit-settings.ts";
import { type HookSite, requireHooksConfig } from "./site.ts";

export interface ForeignChange {
  id: string;
  site: HookSite;
  /** Changes hooks-config.json. */
  keep: (edit: (text: string) => string) => Promise<void>;
}

/** Cuts one hook of this id out; nothing when none is there any more. */
export async function cutOut(
  ctx: Context,
  { id, site, keep, byEvent }: ForeignChange & { byEvent: boolean },
): Promise<void> {
  const { settings: file, config } = site;
  const find = (text: string) =>
    settingsHooks(readJson(text, file), text).find(
      (hook) => !hook.isOurs && foreignId(hook) === id,
    );
  const before = (await readSettings(ctx, file)) ?? "{}";
  const hook = find(before);
  if (hook === undefined) return;
  const { cut } = cutForeign(before, { hook, file });
  await keep((text) => noteForeign(text, { cut: { ...cut, byEvent }, file: config }));
  await editSettings(ctx, {
    file,
    edit(text = "{}") {
      const now = find(text);
      return now === undefined ? text : cutForeign(text, { hook: now, file }).rest;
    },
  });
}

/** Puts back the one of this id that was cut out last. */
export async function putBack(ctx: Context, { id, site, keep }: ForeignChange): Promise<void> {
  const { settings: file, config } = site;
  const { foreign } = (await requireHooksConfig(ctx, site)).config;
  const found = foreign.findLast((one) => one.id === id);
  if (found === undefined) return;
  await editSettings(ctx, { file, edit: (text) => putBackForeign(text, { ...found, file }) });
  await keep((text) => forgetForeign(text, { id, file: config }));
}
