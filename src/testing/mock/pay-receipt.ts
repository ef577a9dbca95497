import type { Clock } from "../../kit/clock";
import { type LocalizedText, ReceiptState } from "../../protocol/states";
import { acceptCard, type CardInput, misbehave, type TestCard } from "./cards";
import type { Cashbox } from "./cashbox";
import type { MockReceipt } from "./mock-receipt";
import { Refusal } from "./refusal";

/** How a payer's attempt ended. */
export type PayOutcome =
  | { readonly outcome: "paid"; readonly receipt: MockReceipt }
  /** The receipt was made with `hold`: the money is set aside. */
  | { readonly outcome: "held"; readonly receipt: MockReceipt }
  /** Payme is at work on it; with billing: the card was charged, and the merchant has not answered Perform (state 30). */
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
}

/** What a payer does on the payment page: types a card, which is charged at once. */
export async function payReceipt(
  { cards, now }: PayTools,
  cashbox: Cashbox,
  receiptId: string,
  card: CardInput,
): Promise<PayOutcome> {
  try {
    const accepted = acceptCard(cards, card, now);
    for (const stage of ["create", "verify_code"] as const) misbehave(accepted.card, stage);
    // The page is Payme's own: it holds where the receipt asks for it.
    const hold = cashbox.book.isHoldAsked(receiptId);
    const receipt = await cashbox.charge(receiptId, accepted, { hold });
    return { outcome: OUTCOMES.get(receipt.state) ?? "pending", receipt };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, texts, field } = error;
    return { outcome: "declined", code, message, texts, field };
  }
}

const OUTCOMES: ReadonlyMap<number, "paid" | "held"> = new Map([
  [ReceiptState.PAID, "paid"],
  [ReceiptState.HELD, "held"],
]);
