// A value that nobody may read by accident: it prints as a mask in texts, JSON and inspections, and only `reveal()` gives
// it away. The mask read back in as a value is an error, or a copied `config show` would overwrite a password. Pure.

/** What a secret looks like wherever it is shown. */
export const mask = "********";

export interface Secret {
  /** The value. Never hand it to a log, an argv, a URL or an error. */
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

/** Wraps the value; the object has no field that holds it. */
export function secretOf(value: string): Secret {
  return Object.freeze({
    reveal: () => value,
    toString: shown,
    toJSON: shown,
    // What console.log, util.inspect and Bun.inspect ask for (nodejs.org/api/util.html#utilinspectcustom).
    [Symbol.for("nodejs.util.inspect.custom")]: shown,
    [Symbol.toPrimitive]: shown,
  });
}

function shown(): string {
  return mask;
}

/** Whether something is one of ours. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && "reveal" in value;
}

/** Whether a text is a mask, ours or the usual ones of other programs, and so cannot be meant as a value. */
export function isMask(text: string): boolean {
  return /^([*•●x]{3,}|<(hidden|redacted|secret|set)>|\[(hidden|redacted|secret)\])$/i.test(
    text.trim(),
  );
}
