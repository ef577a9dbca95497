import { AsyncLocalStorage } from "node:async_hooks";
import { PaymeStorageError } from "../errors";

/**
 * Tells a storage call that is made from inside its own transaction from one made outside: the first would wait for a
 * transaction that waits for it. For writers of adapters with a queue of writers.
 */
export interface HookScope {
  /** Runs `work` as the inside of a transaction. */
  run<R>(work: () => Promise<R>): Promise<R>;
  /** Throws a `STORAGE_MISUSE` error when called from inside. */
  assertOutside(): void;
}

export function createHookScope(): HookScope {
  const scope = new AsyncLocalStorage<{ open: boolean }>();
  return {
    async run(work) {
      // Work that a hook started and did not await outlives the transaction: by then it is outside.
      const state = { open: true };
      try {
        return await scope.run(state, work);
      } finally {
        state.open = false;
      }
    },
    assertOutside() {
      if (scope.getStore()?.open !== true) return;
      throw new PaymeStorageError(
        "STORAGE_MISUSE",
        "a storage call inside a hook must go through the hook's own handle",
        {
          hint: "Use storage.using(tx) with the tx that the hook was given.",
        },
      );
    },
  };
}
