// state.db of this host, as the gateway holds it open for days: it may be damaged, moved away and made anew meanwhile. What
// failed is opened again by the next look, and until then the gateway says that it cannot take messages.
import type { Context, Database } from "../../context.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { openStore } from "../../store/store.ts";

export interface HostStore extends Disposable {
  /** Throws AppError while it cannot be used, and as the work does. */
  use<T>(work: (store: Database) => T): T;
  /** Opens it again if it failed since; true when it is another file than before. Throws AppError when it cannot be opened. */
  renew(): Promise<boolean>;
  /** Whether a message would be taken now, as far as a read can tell. */
  isUp(): boolean;
}

/** Throws AppError as openStore does. */
export async function openHostStore(ctx: Context): Promise<HostStore> {
  let store = await openStore(ctx);
  let hasFailed = false;
  const use = <T>(work: (open: Database) => T): T => {
    try {
      return work(store);
    } catch (error) {
      if (error instanceof AppError && isOfStore(error)) hasFailed = true;
      throw error;
    }
  };
  const probe = (): boolean => {
    try {
      use((open) => open.all("SELECT 1 FROM messages LIMIT 1"));
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return error.exitCode === exitCodes.busy && !hasFailed;
    }
  };
  return {
    use,
    async renew() {
      probe();
      if (!hasFailed) return false;
      const fresh = await openStore(ctx);
      const isAnother = fresh.file !== store.file;
      store[Symbol.dispose]();
      store = fresh;
      hasFailed = false;
      return isAnother;
    },
    isUp: () => !hasFailed && probe(),
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}

/** Not of what was asked of it: a full queue, or a key that was used, is no fault of the store. */
function isOfStore({ exitCode, cause, message }: AppError): boolean {
  if (exitCode === exitCodes.busy) return message.includes("was moved away or replaced");
  // A full disk is none either: what is there can be read, and opening it again would want room.
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /^SQLITE_(CORRUPT|NOTADB|READONLY|CANTOPEN|PERM|AUTH|ERROR)/.test(code);
}
