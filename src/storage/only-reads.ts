import { PaymeStorageError } from "../kit/errors";
import type { Verbs } from "../ledger/storage";
import { autocommit } from "./autocommit";

/** Returns the error of a write or a lock through a handle that only reads. */
export function onlyReads(cause?: unknown): PaymeStorageError {
  return new PaymeStorageError("STORAGE_MISUSE", "a write or a lock through a handle that only reads", {
    hint: "find only reads: do the write in a hook; locks belong in onReserved.",
    cause,
  });
}

/** Returns the same verbs with every write refused, also one that would change nothing. */
export function readingVerbs(verbs: Verbs): Verbs {
  return autocommit(
    (work) => work(verbs),
    () => Promise.reject(onlyReads()),
  );
}
