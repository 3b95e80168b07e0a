// Secrets that are planted in every input, and a search for them in all that came out.
import { lstatSync, readdirSync, readFileSync } from "node:fs";

export interface Planted {
  /** What it is, for the message. */
  name: string;
  value: string;
}

export interface Witness {
  plant(name: string, value: string): string;
  /** Something that was printed, answered, logged or written. */
  saw(where: string, text: string): void;
  /** Every file below, but for those that are the home of a secret. */
  sawFiles(folder: string, isHome: (path: string) => boolean): void;
  /** `what in where`, once each. */
  leaks(): string[];
  /** How many texts were looked at. */
  readonly count: number;
}

export function createWitness(): Witness {
  const planted: Planted[] = [];
  const seen: { where: string; text: string }[] = [];
  const saw = (where: string, text: string) => void seen.push({ where, text });
  return {
    plant(name, value) {
      planted.push({ name, value });
      return value;
    },
    saw,
    sawFiles(folder, isHome) {
      for (const path of filesBelow(folder)) {
        if (isHome(path)) continue;
        // Bytes as characters: a database holds texts between other bytes.
        saw(path, readFileSync(path, "latin1"));
      }
    },
    leaks() {
      const found = new Set<string>();
      for (const { name, value } of planted) {
        const forms = formsOf(value);
        for (const { where, text } of seen) {
          if (forms.some((form) => text.includes(form))) found.add(`${name} in ${where}`);
        }
      }
      return [...found];
    },
    get count() {
      return seen.length;
    },
  };
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) return filesBelow(path);
    return stat?.isFile() === true ? [path] : [];
  });
}

/** As it is, as a URL, a JSON text, and as whoever hides it without knowing better would write it. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const texts = [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
  return [
    ...texts,
    ...texts.map((text) => Buffer.from(text).toString("latin1")),
    bytes.toString("base64").replaceAll("=", ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
  ];
}
