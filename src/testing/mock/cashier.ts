import type { Sleep } from "../../kit/clock";
import { MerchantErrorCode, SubscribeErrorCode } from "../../protocol/codes";
import { messageText } from "../../protocol/json-rpc";
import { CancelReason, type LocalizedText, ReceiptState, TransactionState } from "../../protocol/states";
import { notFound } from "./booked-receipt";
import { type AcceptedCard, misbehave } from "./cards";
import type { MockChoices } from "./choices";
import { isUndecided, type MerchantRefusal, type MerchantSilence } from "./merchant/answer";
import type { MerchantCaller } from "./merchant/caller";
import { begin, decline, finish } from "./merchant/pay-merchant";
import type { MockReceipt } from "./mock-receipt";
import type { ReceiptBook } from "./receipt-book";
import { Refusal } from "./refusal";

/** Takes money for receipts, and gives it back: the only way to do so, whoever asks. */
export interface Cashier {
  /** Asks the merchant whether this may be paid. @throws Refusal of the merchant's. */
  ask(order: { amount: number; account: Readonly<Record<string, unknown>> }): Promise<void>;
  /**
   * Paid (4) or, for a hold, held (5); 30 where the merchant did not answer Perform; a state on the way where it is so chosen.
   * @throws Refusal of the card, of Payme or of the merchant.
   */
  charge(receiptId: string, accepted: AcceptedCard, hold: boolean): Promise<MockReceipt>;
  /** Takes what is held. @throws Refusal */
  confirm(receiptId: string): Promise<MockReceipt>;
  /** @throws Refusal of the merchant's: -31007, and the receipt stays paid. */
  cancel(receiptId: string): Promise<MockReceipt>;
  /** The payer is gone, or the bank lets the hold go. */
  expire(receiptId: string): Promise<MockReceipt>;
  /** Repeats what the merchant left unanswered; receipts that waited for it go on. */
  settle(): Promise<void>;
  /** The Merchant transaction of a receipt's last attempt. */
  transactionOf(receiptId: string): string | undefined;
  clear(): void;
  saved(): SavedAttempt[];
  restore(saved: readonly SavedAttempt[]): void;
}

/** What a cashier works with. */
export interface CashierTools {
  readonly book: ReceiptBook;
  readonly sleep: Sleep;
  readonly newId: () => string;
  readonly choices: MockChoices;
  /** The cashbox's billing: the merchant's endpoint. None: a virtual terminal, which calls nobody. */
  readonly merchant: MerchantCaller | undefined;
}

/** What the payer reads where the merchant's endpoint does not answer. */
const UNAVAILABLE: LocalizedText = {
  ru: "Сервис поставщика услуг недоступен",
  uz: "Xizmat ko‘rsatuvchining tizimi ishlamayapti",
  en: "The merchant's service is not available",
};

/** Where a hold stands whose money was taken. */
const CONFIRMED: readonly number[] = [ReceiptState.PAID, ReceiptState.CLOSING, ReceiptState.CLOSE_QUEUED];

/** The last attempt to pay a receipt. */
interface Attempt {
  readonly transactionId: string;
  readonly accepted: AcceptedCard;
}

/** An attempt, and the receipt that it is for. */
export type SavedAttempt = Attempt & { readonly receiptId: string };

/**
 * With billing, Payme creates the transaction at the merchant (1), debits the card (2) and closes the transaction (3; 30:
 * not answered yet). Source: developer.help.paycom.uz, "Состояния чека". The first attempt has the receipt's id as the
 * transaction's; a later one, after a declined card, has a new id, since the first is cancelled for good. A hold keeps the
 * transaction open until the money is taken (Perform) or let go (Cancel).
 */
export function createCashier({ book, sleep, newId, choices, merchant }: CashierTools): Cashier {
  const attempts = new Map<string, Attempt>();

  /** What the card does when it is charged. */
  async function charged({ card: { behaviour }, card }: AcceptedCard): Promise<void> {
    if (behaviour?.delayMs !== undefined) await sleep(behaviour.delayMs);
    misbehave(card, "pay");
  }

  /** The transaction of an attempt, open at the merchant; the receipt is at the card (2). */
  async function open(billing: MerchantCaller, id: string, accepted: AcceptedCard): Promise<string> {
    const { amount, account } = book.move(id, ReceiptState.CHECKING);
    const transactionId = billing.transaction(id) === undefined ? id : newId();
    attempts.set(id, { transactionId, accepted });
    const begun = await begin(billing, { id: transactionId, amount, account: fieldsOf(account) });
    if (begun.outcome === "refused" || begun.outcome === "unknown") {
      book.move(id, ReceiptState.CREATED);
      throw refusalOf(begun);
    }
    book.move(id, ReceiptState.DEBITING);
    return transactionId;
  }

  /** The card's turn; where it refuses, the merchant's transaction is cancelled, and the receipt stays open. */
  async function atTheCard(
    billing: MerchantCaller,
    id: string,
    transactionId: string,
    work: () => Promise<MockReceipt>,
  ): Promise<MockReceipt> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refusal) {
        await decline(billing, transactionId);
        book.move(id, ReceiptState.CREATED);
      }
      throw error;
    }
  }

  /** Perform; the receipt stands at 3. */
  async function close(billing: MerchantCaller, id: string, transactionId: string): Promise<MockReceipt> {
    const finished = await finish(billing, transactionId);
    if (finished.outcome === "unknown") return book.move(id, ReceiptState.CLOSE_QUEUED);
    if (finished.outcome !== "refused") return book.close(id);
    book.move(id, ReceiptState.CANCELLED);
    throw refusalOf(finished);
  }

  async function chargeWithBilling(billing: MerchantCaller, id: string, accepted: AcceptedCard, hold: boolean) {
    const transactionId = await open(billing, id, accepted);
    const debited = await atTheCard(billing, id, transactionId, async () => {
      await charged(accepted);
      return hold ? book.hold(id, accepted) : book.debit(id, accepted);
    });
    return hold ? debited : close(billing, id, transactionId);
  }

  async function cancelWithBilling(billing: MerchantCaller, before: MockReceipt): Promise<MockReceipt> {
    const { _id: id, state } = before;
    book.requireReleasable(id);
    book.queueReturn(id);
    const reason = state === ReceiptState.HELD ? CancelReason.EXECUTION_ERROR : undefined;
    const answer = await billing.cancel(attempts.get(id)?.transactionId ?? id, { reason });
    if (answer.outcome === "result") {
      // A hold is let go in a moment, or by the queue: nothing was taken.
      const isAtOnce = state === ReceiptState.HELD && choices.cancelledHold === "cancelled";
      return isAtOnce ? book.move(id, ReceiptState.CANCELLED) : book.giveBack(id);
    }
    if (isUndecided(answer)) return book.get(id);
    book.move(id, state);
    throw refusalOf(answer);
  }

  /** A receipt whose merchant has answered at last. */
  async function follow(billing: MerchantCaller, { _id: id, state }: MockReceipt): Promise<void> {
    const attempt = attempts.get(id);
    const transaction = attempt && billing.transaction(attempt.transactionId);
    if (attempt === undefined || transaction === undefined || transaction.undecided.length > 0) return;
    const isPaid = transaction.state === TransactionState.PERFORMED;
    if (state === ReceiptState.CLOSE_QUEUED && isPaid) book.close(id);
    if (state === ReceiptState.CLOSE_QUEUED && !isPaid) book.move(id, ReceiptState.CANCELLED);
    if (state === ReceiptState.CANCEL_QUEUED && isPaid) book.move(id, ReceiptState.PAID);
    if (state === ReceiptState.CANCEL_QUEUED && !isPaid) book.giveBack(id);
    // The bank let a hold go by itself: the merchant is told at last.
    const isLeftOpen = transaction.state === TransactionState.CREATED;
    if (state === ReceiptState.CANCELLED && isLeftOpen) {
      await billing.cancel(attempt.transactionId, { reason: CancelReason.TIMEOUT });
    }
  }

  return {
    transactionOf: (id) => attempts.get(id)?.transactionId,
    clear: () => attempts.clear(),
    saved: () => [...attempts].map(([receiptId, attempt]) => structuredClone({ receiptId, ...attempt })),
    restore(saved) {
      for (const { receiptId, ...attempt } of saved) attempts.set(receiptId, attempt);
    },

    async ask({ amount, account }) {
      if (merchant === undefined) return;
      const fields = Object.fromEntries(Object.entries(account).map(([name, value]) => [name, String(value)]));
      const answer = await merchant.check({ amount, account: fields });
      if (answer.outcome !== "result") throw refusalOf(answer);
    },

    async charge(id, accepted, hold) {
      if (merchant !== undefined) return chargeWithBilling(merchant, id, accepted, hold);
      // Nothing comes in between where nothing is waited for: a press of "cancel" at the same moment finds it paid.
      if (accepted.card.behaviour !== undefined) await charged(accepted);
      return hold ? book.hold(id, accepted) : book.pay(id, accepted);
    },

    async confirm(id) {
      const { state } = book.get(id);
      const isTaken = CONFIRMED.includes(state) && book.wasHeld(id);
      if (isTaken && choices.repeatedConfirm === "receipt") return book.get(id);
      const transactionId = attempts.get(id)?.transactionId;
      if (merchant === undefined || transactionId === undefined) return book.confirm(id);
      book.startConfirm(id);
      return close(merchant, id, transactionId);
    },

    async cancel(id) {
      const before = book.get(id);
      const { PAID, CLOSE_QUEUED, HELD, CANCEL_QUEUED, CANCELLED } = ReceiptState;
      const isOver = before.state === CANCEL_QUEUED || before.state === CANCELLED;
      if (isOver && choices.repeatedCancel === "refuse") throw notFound();
      const isAtMerchant = [PAID, CLOSE_QUEUED, HELD].some((state) => state === before.state);
      return merchant !== undefined && isAtMerchant ? cancelWithBilling(merchant, before) : book.cancel(id);
    },

    async expire(id) {
      const transactionId = attempts.get(id)?.transactionId;
      const isHeld = book.get(id).state === ReceiptState.HELD;
      const receipt = book.expire(id);
      const isReleased = isHeld && receipt.state === ReceiptState.CANCELLED;
      if (isReleased && merchant !== undefined && transactionId !== undefined) {
        await merchant.cancel(transactionId, { reason: CancelReason.TIMEOUT });
      }
      return receipt;
    },

    async settle() {
      if (merchant === undefined) return;
      await merchant.settle();
      for (const receipt of book.all()) await follow(merchant, receipt);
    },
  };
}

function fieldsOf(account: MockReceipt["account"]): Record<string, string> {
  return Object.fromEntries(account.map(({ name, value }) => [name, String(value)]));
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
