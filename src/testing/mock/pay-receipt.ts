import type { Clock } from "../../kit/clock";
import { type LocalizedText, ReceiptState } from "../../protocol/states";
import { acceptCard, type CardInput, misbehave, type TestCard } from "./cards";
import type { Cashbox } from "./cashbox";
import type { MockReceipt } from "./mock-receipt";
import { Refusal } from "./refusal";

/** The outcome of a payer's attempt. */
export type PayOutcome =
  | { readonly outcome: "paid"; readonly receipt: MockReceipt }
  /** The receipt was made with `hold`: the money is held. */
  | { readonly outcome: "held"; readonly receipt: MockReceipt }
  /** Payme is still at work. With billing: the card was charged, and the merchant has not answered Perform (state 30). */
  | { readonly outcome: "pending"; readonly receipt: MockReceipt }
  | {
      readonly outcome: "declined";
      readonly code: number;
      readonly message: string;
      /** The message in the languages that the merchant gave. */
      readonly texts?: Partial<LocalizedText> | undefined;
      readonly field?: "number" | "expire" | "cvv" | undefined;
    };

/** Pays as a payer does on the payment page: the typed card is charged at once. */
export async function payReceipt(
  { cards, now }: { readonly cards: readonly TestCard[]; readonly now: Clock },
  cashbox: Cashbox,
  receiptId: string,
  card: CardInput,
): Promise<PayOutcome> {
  try {
    const accepted = acceptCard(cards, card, now);
    for (const stage of ["create", "verify_code"] as const) misbehave(accepted.card, stage);
    // The page is Payme's own: it holds the money where the receipt asks for that.
    const hold = cashbox.book.isHoldAsked(receiptId);
    const receipt = await cashbox.charge(receiptId, accepted, { hold });
    const { PAID, HELD } = ReceiptState;
    return { outcome: receipt.state === PAID ? "paid" : receipt.state === HELD ? "held" : "pending", receipt };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, texts, field } = error;
    return { outcome: "declined", code, message, texts, field };
  }
}
