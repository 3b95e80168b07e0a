// Waits for the outside world without a fixed pause: asks again and again until it is as wanted, or says what it
// saw last.

export interface EventuallyOptions<T> {
  /** What is waited for, for the message. */
  what?: string;
  /** When the value is as wanted. Default: it is truthy. */
  until?: (value: T) => boolean;
  /** Default 5 000; below bun test's own limit, whose message says less, give that one a higher limit too. */
  timeoutMs?: number;
  /** Between two looks. Default 20. */
  intervalMs?: number;
}

/**
 * Returns the first value that is as wanted. A probe that throws counts as "not yet". Throws at the deadline,
 * naming the last value or error.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  options: EventuallyOptions<T> = {},
): Promise<T> {
  const { what = "the condition", until = Boolean, timeoutMs = 5_000, intervalMs = 20 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { value, seen, error } = await look(probe, until);
    if (value !== undefined) return value.wanted;
    if (performance.now() >= deadline) {
      throw new Error(`${what}: not within ${timeoutMs} ms; last seen: ${seen}`, { cause: error });
    }
    await Bun.sleep(intervalMs);
  }
}

interface Look<T> {
  value?: { wanted: T };
  seen: string;
  error?: unknown;
}

async function look<T>(
  probe: () => T | Promise<T>,
  until: (value: T) => boolean,
): Promise<Look<T>> {
  try {
    const value = await probe();
    return until(value) ? { value: { wanted: value }, seen: "" } : { seen: Bun.inspect(value) };
  } catch (error) {
    return { seen: String(error), error };
  }
}
