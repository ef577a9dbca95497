import type { Clock } from "../clock";
import { type LocalizedText, ReceiptState } from "../protocol/states";
import { acceptCard, type CardInput, misbehave, type TestCard } from "./cards";
import type { Cashier } from "./cashier";
import type { Notifier } from "./notifications";
import type { MockReceipt } from "./receipt-book";
import { Refusal } from "./refusal";

/** How a payer's attempt ended. */
export type PayOutcome =
  | { readonly outcome: "paid"; readonly receipt: MockReceipt }
  /** With billing: the card was charged, and the merchant has not answered Perform (state 30). */
  | { readonly outcome: "pending"; readonly receipt: MockReceipt }
  | {
      readonly outcome: "declined";
      readonly code: number;
      readonly message: string;
      /** The merchant's message, in the languages in which it gave it. */
      readonly texts?: Partial<LocalizedText> | undefined;
      readonly field?: "number" | "expire" | "cvv" | undefined;
    };

/** What paying works with. */
export interface PayTools {
  readonly cards: readonly TestCard[];
  readonly now: Clock;
  readonly cashier: Cashier;
  readonly notify: Notifier["notify"];
}

/** What a payer does on the payment page: types a card, which is charged at once. */
export async function payReceipt(tools: PayTools, receiptId: string, card: CardInput): Promise<PayOutcome> {
  const { cards, now, cashier, notify } = tools;
  try {
    const accepted = acceptCard(cards, card, now);
    for (const stage of ["create", "verify_code"] as const) misbehave(accepted.card, stage);
    const receipt = await cashier.charge(receiptId, accepted);
    if (receipt.state !== ReceiptState.PAID) return { outcome: "pending", receipt };
    notify("receipts.pay", receipt);
    return { outcome: "paid", receipt };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, texts, field } = error;
    return { outcome: "declined", code, message, texts, field };
  }
}
