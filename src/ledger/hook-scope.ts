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

/** A transaction that code runs inside of. */
interface Inside {
  readonly scope: HookScope;
  open: boolean;
}

/**
 * The transactions that code runs inside of, of all storages. One for the process: Node carries each AsyncLocalStorage
 * along with every promise, for good, so that one for each storage would slow down whoever opens many, as tests do.
 */
const insides = new AsyncLocalStorage<readonly Inside[]>();

export function createHookScope(): HookScope {
  const scope: HookScope = {
    async run(work) {
      // Work that a hook started and did not await outlives the transaction: by then it is outside.
      const inside: Inside = { scope, open: true };
      try {
        return await insides.run([...(insides.getStore() ?? []), inside], work);
      } finally {
        inside.open = false;
      }
    },
    assertOutside() {
      const isInside = insides.getStore()?.some((inside) => inside.scope === scope && inside.open) ?? false;
      if (!isInside) return;
      throw new PaymeStorageError(
        "STORAGE_MISUSE",
        "a storage call inside a hook must go through the hook's own handle",
        {
          hint: "Use storage.using(tx) with the tx that the hook was given.",
        },
      );
    },
  };
  return scope;
}
