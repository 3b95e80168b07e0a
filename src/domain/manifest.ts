// What of a site's own was there before an update and is there after it. Pure.
import { sha256Hex } from "./hash.ts";

/** SHA-256 of each row by its primary key, as JSON. */
export type TableHashes = Readonly<Record<string, string>>;

export interface Manifest {
  /** By absolute path: SHA-256 and mode (`… 0600`), or why there is none. */
  files: Record<string, string>;
  /** By path of the database and name of the table. */
  tables: Record<string, TableHashes>;
  /** By the same: the columns that are in the hashes. */
  columns: Record<string, readonly string[]>;
}

/** added: only after. changed: another hash. lost: only before, or a row of it is gone. */
export type Fate = "unchanged" | "changed" | "added" | "lost";

export interface ManifestRow {
  what: string;
  fate: Fate;
  /** Hash and mode of a file, number and hash of rows of a table; empty when it was not there. */
  before: string;
  after: string;
}

/** One row for each file and table of either, sorted. */
export function compareManifests(
  before: Pick<Manifest, "files" | "tables">,
  after: Pick<Manifest, "files" | "tables">,
): ManifestRow[] {
  const files = keysOf(before.files, after.files).map((what) => {
    const [was, is] = [before.files[what] ?? "", after.files[what] ?? ""];
    return { what, fate: fateOf(was, is), before: was, after: is };
  });
  const tables = keysOf(before.tables, after.tables).map((what) => {
    const [was, is] = [before.tables[what], after.tables[what]];
    return { what, fate: fateOfTable(was, is), before: summaryOf(was), after: summaryOf(is) };
  });
  return [...files, ...tables];
}

function keysOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted();
}

function fateOf(was: string, is: string): Fate {
  if (was === is) return "unchanged";
  if (was === "") return "added";
  return is === "" || is === "not there" ? "lost" : "changed";
}

/** Agents go on writing while an update runs: more rows are no loss, and a receipt may have come. */
function fateOfTable(was: TableHashes | undefined, is: TableHashes | undefined): Fate {
  if (was === undefined) return "added";
  if (is === undefined) return "lost";
  const keys = Object.keys(was);
  if (keys.some((key) => is[key] === undefined)) return "lost";
  return keys.every((key) => is[key] === was[key]) ? "unchanged" : "changed";
}

function summaryOf(table: TableHashes | undefined): string {
  if (table === undefined) return "";
  const rows = Object.entries(table);
  const text = rows.map(([key, hash]) => `${key} ${hash}\n`).toSorted();
  return `${sha256Hex(text.join(""))} ${rows.length} ${rows.length === 1 ? "row" : "rows"}`;
}
