import type { BookEvent, EventBase } from "../ledger";
import type { MerchantEvent } from "../merchant/merchant-event";

/**
 * A notification whose signature was right. `recorded`: it changed the books. `repeat`: it had come before. `conflict`: an incident
 * says why, or a Merchant transaction of the same id is under way. `unknown`: no payment is known. `ignored`: it proves nothing.
 * `failed`: it is to be repeated.
 */
export interface NotificationEvent extends EventBase {
  readonly kind: "notification.received";
  readonly method: "receipts.pay" | "receipts.cancel" | "unknown";
  readonly verdict: "recorded" | "repeat" | "conflict" | "unknown" | "ignored" | "failed";
  readonly paymeId: string | null;
  readonly paymentId?: string | undefined;
  /** From the time of the payment or cancel that it names to its end here; by two clocks. */
  readonly delayMs?: number | undefined;
}

/** What `createPayments` tells its `onEvent`: through `asOrders`, the calls of Payme, too. */
export type PaymentsEvent = BookEvent | NotificationEvent | MerchantEvent;
