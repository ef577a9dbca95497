import type { BookEvent, EventBase } from "../ledger";

/** A call of Payme, answered. */
export interface MerchantCallEvent extends EventBase {
  readonly kind: "merchant.call";
  /** `unknown` where the Merchant API has no such method, or the caller was not let in. */
  readonly method: string;
  /** The code of the error; null: it succeeded. */
  readonly code: number | null;
  readonly ms: number;
  readonly paymeId?: string | undefined;
}

/** Payme's clock and ours are more than two minutes apart. Told once an hour. */
export interface ClockEvent extends EventBase {
  readonly kind: "clock.skew";
  /** Ours less Payme's. */
  readonly skewMs: number;
  readonly paymeId: string;
}

/** What `createMerchantApi` tells its `onEvent`. */
export type MerchantEvent = BookEvent | MerchantCallEvent | ClockEvent;
