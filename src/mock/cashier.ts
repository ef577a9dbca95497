import type { Sleep } from "../clock";
import { MerchantErrorCode, SubscribeErrorCode } from "../protocol/codes";
import { messageText } from "../protocol/json-rpc";
import { type LocalizedText, ReceiptState, TransactionState } from "../protocol/states";
import { type AcceptedCard, misbehave } from "./cards";
import { isUndecided, type MerchantRefusal, type MerchantSilence } from "./merchant/answer";
import { begin, decline, finish } from "./merchant/pay-merchant";
import type { MerchantCaller } from "./merchant-caller";
import type { MockReceipt, ReceiptBook } from "./receipt-book";
import { Refusal } from "./refusal";

/** Takes money for receipts, and gives it back: the only way to do so, whoever asks. */
export interface Cashier {
  /** Paid (4); or 30, where the merchant did not answer Perform. @throws Refusal of the card, of Payme or of the merchant. */
  charge(receiptId: string, accepted: AcceptedCard): Promise<MockReceipt>;
  /** @throws Refusal of the merchant's: -31007, and the receipt stays paid. */
  cancel(receiptId: string): Promise<MockReceipt>;
  /** Repeats what the merchant left unanswered; receipts that waited for it go on. Gives those that are paid now. */
  settle(): Promise<MockReceipt[]>;
  /** The Merchant transaction of a receipt's last attempt. */
  transactionOf(receiptId: string): string | undefined;
  clear(): void;
}

/** What a cashier works with. */
export interface CashierTools {
  readonly book: ReceiptBook;
  readonly sleep: Sleep;
  readonly newId: () => string;
  /** The cashbox's billing: the merchant's endpoint. None: a virtual terminal, which calls nobody. */
  readonly merchant: MerchantCaller | undefined;
}

/** What the payer reads where the merchant's endpoint does not answer. */
const UNAVAILABLE: LocalizedText = {
  ru: "Сервис поставщика услуг недоступен",
  uz: "Xizmat ko‘rsatuvchining tizimi ishlamayapti",
  en: "The merchant's service is not available",
};

/** The last attempt to pay a receipt. */
interface Attempt {
  readonly transactionId: string;
  readonly accepted: AcceptedCard;
}

/**
 * With billing, Payme creates the transaction at the merchant (1), debits the card (2) and closes the transaction (3; 30:
 * not answered yet). Source: developer.help.paycom.uz, "Состояния чека". The first attempt has the receipt's id as the
 * transaction's; a later one, after a declined card, has a new id, since the first is cancelled for good.
 */
export function createCashier({ book, sleep, newId, merchant }: CashierTools): Cashier {
  const attempts = new Map<string, Attempt>();

  async function chargeWithBilling(billing: MerchantCaller, id: string, accepted: AcceptedCard): Promise<MockReceipt> {
    const { amount, account } = book.move(id, ReceiptState.CHECKING);
    const transactionId = billing.transaction(id) === undefined ? id : newId();
    attempts.set(id, { transactionId, accepted });
    const fields = Object.fromEntries(account.map(({ name, value }) => [name, String(value)]));
    const begun = await begin(billing, { id: transactionId, amount, account: fields });
    if (begun.outcome === "refused" || begun.outcome === "unknown") {
      book.move(id, ReceiptState.CREATED);
      throw refusalOf(begun);
    }
    book.move(id, ReceiptState.DEBITING);
    try {
      if (accepted.card.behaviour?.delayMs !== undefined) await sleep(accepted.card.behaviour.delayMs);
      misbehave(accepted.card, "pay");
    } catch (error) {
      if (error instanceof Refusal) {
        await decline(billing, transactionId);
        book.move(id, ReceiptState.CREATED);
      }
      throw error;
    }
    book.move(id, ReceiptState.CLOSING);
    const finished = await finish(billing, transactionId);
    if (finished.outcome === "unknown") return book.move(id, ReceiptState.CLOSE_QUEUED);
    if (finished.outcome !== "refused") return book.pay(id, accepted);
    book.move(id, ReceiptState.CANCELLED);
    throw refusalOf(finished);
  }

  async function cancelWithBilling(billing: MerchantCaller, before: MockReceipt): Promise<MockReceipt> {
    const { _id: id, state } = before;
    book.queueReturn(id);
    const answer = await billing.cancel(attempts.get(id)?.transactionId ?? id);
    if (answer.outcome === "result") return book.giveBack(id);
    if (isUndecided(answer)) return book.get(id);
    book.move(id, state);
    throw refusalOf(answer);
  }

  /** A receipt whose merchant has answered at last. */
  function follow(billing: MerchantCaller, { _id: id, state }: MockReceipt): MockReceipt[] {
    const attempt = attempts.get(id);
    const transaction = attempt && billing.transaction(attempt.transactionId);
    if (attempt === undefined || transaction === undefined || transaction.undecided.length > 0) return [];
    const isPaid = transaction.state === TransactionState.PERFORMED;
    if (state === ReceiptState.CLOSE_QUEUED && isPaid) return [book.pay(id, attempt.accepted)];
    if (state === ReceiptState.CLOSE_QUEUED) book.move(id, ReceiptState.CANCELLED);
    if (state === ReceiptState.CANCEL_QUEUED && isPaid) book.move(id, ReceiptState.PAID);
    if (state === ReceiptState.CANCEL_QUEUED && !isPaid) book.giveBack(id);
    return [];
  }

  return {
    transactionOf: (id) => attempts.get(id)?.transactionId,
    async charge(id, accepted) {
      if (merchant !== undefined) return chargeWithBilling(merchant, id, accepted);
      // Nothing comes in between where nothing is waited for: a press of "cancel" at the same moment finds it paid.
      if (accepted.card.behaviour?.delayMs !== undefined) await sleep(accepted.card.behaviour.delayMs);
      misbehave(accepted.card, "pay");
      return book.pay(id, accepted);
    },
    async cancel(id) {
      const before = book.get(id);
      const isAtMerchant = before.state === ReceiptState.PAID || before.state === ReceiptState.CLOSE_QUEUED;
      return merchant !== undefined && isAtMerchant ? cancelWithBilling(merchant, before) : book.cancel(id);
    },
    async settle() {
      if (merchant === undefined) return [];
      await merchant.settle();
      return book.all().flatMap((receipt) => follow(merchant, receipt));
    },
    clear: () => attempts.clear(),
  };
}

/** The merchant's refusal as Payme passes it on; where its endpoint does not work, Payme's own. */
function refusalOf(answer: Omit<MerchantRefusal, "method"> | Pick<MerchantSilence, "outcome">): Refusal {
  if (answer.outcome === "unknown" || answer.code === MerchantErrorCode.SYSTEM_ERROR) {
    return new Refusal(SubscribeErrorCode.MERCHANT_UNAVAILABLE, UNAVAILABLE.ru, { texts: UNAVAILABLE });
  }
  const { code, message, data } = answer;
  const texts = typeof message === "string" ? undefined : message;
  return new Refusal(code, messageText(message, "ru"), { data, texts });
}
