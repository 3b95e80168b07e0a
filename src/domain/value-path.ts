// Where a value stands in plain data: the keys and indexes that lead to it. Pure.

export type Path = readonly (string | number)[];

/** `agents[2].env.PATH`, for people; empty for the whole document. */
export function showPath(path: Path): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`,
    )
    .join("");
}

/** `agents[2].env: `, as the beginning of a message; empty for the whole document. */
export function pathPrefix(path: Path): string {
  return path.length === 0 ? "" : `${showPath(path)}: `;
}
