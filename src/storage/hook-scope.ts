import { AsyncLocalStorage } from "node:async_hooks";
import { PaymeStorageError } from "../kit/errors";

/**
 * Tells a storage call from inside its own transaction from one outside: the first would wait for a transaction that waits for
 * it. For writers of adapters with a queue of writers.
 */
export interface HookScope {
  /** Runs `work` as the inside of a transaction. */
  run<R>(work: () => Promise<R>): Promise<R>;
  /** Returns the `STORAGE_MISUSE` error of a call from inside; undefined for a call from outside. */
  misuse(): PaymeStorageError | undefined;
  /** Throws the same error. */
  assertOutside(): void;
}

/** A transaction around the running code. */
interface Inside {
  readonly scope: HookScope;
  /** The outer transaction, of another storage. */
  readonly outer: Inside | undefined;
  open: boolean;
}

/**
 * The innermost transaction around the running code, of all storages. One for the process: Node carries each AsyncLocalStorage
 * along with every promise, so one for each storage would slow down a process that opens many, as tests do.
 */
const innermost = new AsyncLocalStorage<Inside>();

/** Creates the scope of one storage. */
export function createHookScope(): HookScope {
  const scope: HookScope = {
    run(work) {
      const inside: Inside = { scope, outer: innermost.getStore(), open: true };
      // Work that a hook did not await outlives the transaction: from now on it is outside.
      const end = () => {
        inside.open = false;
      };
      try {
        // A caller in JavaScript may give work that returns no promise.
        const running = Promise.resolve(innermost.run(inside, work));
        running.then(end, end);
        return running;
      } catch (error) {
        end();
        return Promise.reject(error);
      }
    },
    misuse() {
      for (let inside = innermost.getStore(); inside !== undefined; inside = inside.outer) {
        if (inside.scope === scope && inside.open) return misuse();
      }
      return undefined;
    },
    assertOutside() {
      const error = scope.misuse();
      if (error !== undefined) throw error;
    },
  };
  return scope;
}

function misuse(): PaymeStorageError {
  return new PaymeStorageError("STORAGE_MISUSE", "a storage call inside a hook must go through the hook's own handle", {
    hint: "Use storage.using(tx) with the tx that the hook was given.",
  });
}
