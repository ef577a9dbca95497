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
