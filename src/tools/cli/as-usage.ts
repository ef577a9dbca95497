import { isPaymeError } from "../../kit/errors";
import { UsageError } from "./io";

/** Work whose errors are the user's to mend: told as a sentence with its hint, without a stack. */
export function asUsage<R>(work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (isPaymeError(error)) throw new UsageError([error.message, error.hint].filter(Boolean).join("\n"));
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
