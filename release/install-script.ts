// Puts the address and the key of one release into install.sh. Pure.

/** Where install.sh keeps what a release knows; each stands once, alone on its line. */
const places = { baseUrl: "default_base_url=''", publicPem: "release_key=''" };

/** The script of a release. Throws when the places are gone, or the address holds what would end a quoted word. */
export function installScript(
  template: string,
  facts: Readonly<Record<keyof typeof places, string>>,
): string {
  let script = template;
  for (const name of ["baseUrl", "publicPem"] as const) {
    const value = facts[name].trim();
    if (value.includes("'")) throw new Error(`a quote in ${name}: ${value}`);
    if (script.split(places[name]).length !== 2)
      throw new Error(`install.sh has no ${places[name]}`);
    script = script.replace(places[name], () => places[name].replace("''", () => `'${value}'`));
  }
  return script;
}
