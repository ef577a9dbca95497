/** One call between us and Payme, as `onExchange` gets it: redacted, never with a key, card, token or SMS code. */
export interface Exchange {
  /** `out`: we called Payme. `in`: Payme or a gateway called us. */
  direction: "in" | "out";
  method: string;
  /** How long it took. */
  ms: number;
  /** The error's code; null where it succeeded, `"unreachable"` and the like where no answer came. */
  code: number | string | null;
  request: unknown;
  response: unknown;
}

/** Called after each exchange. What it throws, or rejects with, is logged and changes nothing. */
export type OnExchange = (exchange: Exchange) => void;
