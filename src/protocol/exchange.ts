import { isThenable } from "../kit/eventual";

/** One call and its answer, redacted: never with a key, card number, token or SMS code. */
export interface Exchange {
  /** `out`: we called Payme. `in`: Payme or a gateway called us. */
  readonly direction: "in" | "out";
  readonly method: string;
  /** The time from the call to its answer. */
  readonly ms: number;
  /** The error's code. Null: it succeeded. A word such as `"unreachable"`: no answer came. */
  readonly code: number | string | null;
  readonly request: unknown;
  readonly response: unknown;
}

/** Gets each exchange after it has ended. What it throws, or rejects with, is logged and changes nothing. */
export type OnExchange = (exchange: Exchange) => void;

/** Calls `onExchange` with what `make` returns. Passes what either throws, or rejects with, to `complain`. */
export function tellExchange(onExchange: OnExchange, make: () => Exchange, complain: (error: unknown) => void): void {
  try {
    const returned: unknown = onExchange(make());
    // An async function fits the type, too; its rejection would end the process.
    if (isThenable(returned)) returned.then(undefined, complain);
  } catch (error) {
    complain(error);
  }
}
