// The real time.
import type { Clock } from "../context.ts";

/** Wall clock and pauses. An aborted sleep resolves early and never rejects: ask the signal afterwards. */
export const clock: Clock = {
  now: () => Date.now(),
  // CLOCK_MONOTONIC of clock_gettime(2).
  monotonic: () => performance.now(),
  sleep(ms, signal) {
    if (signal?.aborted === true) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake);
    return promise;
  },
};
