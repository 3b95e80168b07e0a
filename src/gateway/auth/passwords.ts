// Hashing of passwords: argon2id, at most two at once, the same time for accounts that do not exist.
import { Problem } from "../problem.ts";

/** A hash takes 64 MB for a quarter of a second: more at once is how a gateway is taken down. */
const maxAtOnce = 2;

/** Who comes behind so many is told to come again. */
const maxWaiting = 32;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Whether it is the password of this hash. Without a hash it takes as long, and is false. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

/** Throws Problem, too many requests, when too many wait. */
export function createPasswords(): Passwords {
  const inTurn = createTurns();
  let dummy: Promise<string> | undefined;
  const hash = (password: string) => inTurn(() => Bun.password.hash(password, "argon2id"));
  return {
    hash,
    async verify(password, known) {
      dummy ??= hash("the password of an account that is not there");
      // Waited for in any case: the first login of a run would else tell whether its account is there.
      const other = await dummy;
      const isRight = await inTurn(() => Bun.password.verify(password, known ?? other));
      return isRight && known !== undefined;
    },
  };
}

function createTurns() {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= maxAtOnce) {
      if (waiting.length >= maxWaiting) {
        throw new Problem("too-many-requests", "too many log in at this moment", {
          retryAfterSeconds: 5,
        });
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      await promise;
    } else running += 1;
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
