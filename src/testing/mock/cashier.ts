import type { Sleep } from "../../kit/clock";
import { MerchantErrorCode, SubscribeErrorCode } from "../../protocol/codes";
import { messageText } from "../../protocol/json-rpc";
import { CancelReason, type LocalizedText, ReceiptState, TransactionState } from "../../protocol/states";
import { type AcceptedCard, misbehave } from "./cards";
import type { MockChoices } from "./choices";
import { isUndecided, type MerchantNoAnswer, type MerchantRefusal } from "./merchant/answer";
import type { MerchantCaller } from "./merchant/caller";
import { begin, decline, finish } from "./merchant/pay-merchant";
import type { MockReceipt } from "./mock-receipt";
import type { ReceiptBook } from "./receipt-book";
import { Refusal, receiptNotFound } from "./refusal";

/** Takes money for receipts, and returns it: every payment and refund goes through it. */
export type Cashier = ReturnType<typeof createCashier>;

/** The parts of a cashbox that its cashier needs. */
interface CashierTools {
  readonly book: ReceiptBook;
  readonly sleep: Sleep;
  readonly newId: () => string;
  readonly choices: MockChoices;
  /** The cashbox's billing: the merchant's endpoint. Undefined for a virtual terminal, which calls none. */
  readonly merchant: MerchantCaller | undefined;
}

/** The payer's text where the merchant's endpoint does not answer. */
const UNAVAILABLE: LocalizedText = {
  ru: "Сервис поставщика услуг недоступен",
  uz: "Xizmat ko‘rsatuvchining tizimi ishlamayapti",
  en: "The merchant's service is not available",
};

/** The states of a hold after its money was taken. */
const CONFIRMED: readonly number[] = [ReceiptState.PAID, ReceiptState.CLOSING, ReceiptState.CLOSE_QUEUED];

/** The last attempt to pay a receipt. */
type Attempt = { readonly transactionId: string; readonly accepted: AcceptedCard };

/** An attempt, with its receipt. */
export type SavedAttempt = Attempt & { readonly receiptId: string };

/**
 * Returns a cashier. With billing, it creates the transaction at the merchant (1), debits the card (2) and performs the
 * transaction (3; 30 without an answer). Source: developer.help.paycom.uz, "Состояния чека". The transaction of the first
 * attempt has the receipt's id. An attempt after a declined card has a new id, because the first transaction is cancelled.
 * A hold keeps the transaction open until the money is taken (Perform) or released (Cancel).
 */
export function createCashier({ book, sleep, newId, choices, merchant }: CashierTools) {
  const attempts = new Map<string, Attempt>();

  /** Waits and fails as the card does when it is charged. */
  async function charged({ card: { behaviour }, card }: AcceptedCard): Promise<void> {
    if (behaviour?.delayMs !== undefined) await sleep(behaviour.delayMs);
    misbehave(card, "pay");
  }

  /** Opens a transaction at the merchant, and moves the receipt to the card's turn (2). Returns the transaction's id. */
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

  /** Debits the card. If the card refuses, the merchant's transaction is cancelled, and the receipt stays open. */
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

  /** Performs the transaction of a receipt in state 3. */
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
      // Nothing was taken from a hold: it ends at once, or through the queue.
      const isAtOnce = state === ReceiptState.HELD && choices.cancelledHold === "cancelled";
      return isAtOnce ? book.move(id, ReceiptState.CANCELLED) : giveBack(billing, id);
    }
    if (isUndecided(answer)) return book.get(id);
    book.move(id, state);
    throw refusalOf(answer);
  }

  function giveBack(billing: MerchantCaller, id: string): MockReceipt {
    const transaction = billing.transaction(attempts.get(id)?.transactionId ?? id);
    return book.giveBack(id, transaction?.state === TransactionState.REFUNDED);
  }

  /** Moves a receipt on after its merchant answered. */
  async function follow(billing: MerchantCaller, { _id: id, state }: MockReceipt): Promise<void> {
    const attempt = attempts.get(id);
    const transaction = attempt && billing.transaction(attempt.transactionId);
    if (attempt === undefined || transaction === undefined || transaction.undecided.length > 0) return;
    const isPaid = transaction.state === TransactionState.PERFORMED;
    if (state === ReceiptState.CLOSE_QUEUED && isPaid) book.close(id);
    if (state === ReceiptState.CLOSE_QUEUED && !isPaid) book.move(id, ReceiptState.CANCELLED);
    if (state === ReceiptState.CANCEL_QUEUED && isPaid) book.move(id, ReceiptState.PAID);
    if (state === ReceiptState.CANCEL_QUEUED && !isPaid) giveBack(billing, id);
    // The bank released a hold by itself: now the merchant's transaction is cancelled.
    const isLeftOpen = transaction.state === TransactionState.CREATED;
    if (state === ReceiptState.CANCELLED && isLeftOpen) {
      await billing.cancel(attempt.transactionId, { reason: CancelReason.TIMEOUT });
    }
  }

  return {
    /** The Merchant transaction of a receipt's last attempt. */
    transactionOf: (id: string) => attempts.get(id)?.transactionId,
    clear: () => attempts.clear(),
    saved: (): SavedAttempt[] =>
      [...attempts].map(([receiptId, attempt]) => structuredClone({ receiptId, ...attempt })),
    restore(saved: readonly SavedAttempt[]): void {
      for (const { receiptId, ...attempt } of saved) attempts.set(receiptId, attempt);
    },

    /** Asks the merchant whether an order may be paid. @throws Refusal of the merchant. */
    async ask({ amount, account }: { amount: number; account: Readonly<Record<string, unknown>> }): Promise<void> {
      if (merchant === undefined) return;
      const fields = Object.fromEntries(Object.entries(account).map(([name, value]) => [name, String(value)]));
      const answer = await merchant.check({ amount, account: fields });
      if (answer.outcome !== "result") throw refusalOf(answer);
    },

    /**
     * Takes or holds the money: state 4 or 5; 30 where the merchant did not answer Perform; or the state in `choices.payAnswers`.
     * @throws Refusal of the card, of Payme or of the merchant.
     */
    async charge(id: string, accepted: AcceptedCard, hold: boolean): Promise<MockReceipt> {
      if (merchant !== undefined) return chargeWithBilling(merchant, id, accepted, hold);
      // No wait without a failure: a "cancel" at the same moment finds the receipt paid.
      if (accepted.card.behaviour !== undefined) await charged(accepted);
      return hold ? book.hold(id, accepted) : book.pay(id, accepted);
    },

    /** Takes held money. @throws Refusal */
    async confirm(id: string): Promise<MockReceipt> {
      const { state } = book.get(id);
      const isTaken = CONFIRMED.includes(state) && book.wasHeld(id);
      if (isTaken && choices.repeatedConfirm === "receipt") return book.get(id);
      const transactionId = attempts.get(id)?.transactionId;
      if (merchant === undefined || transactionId === undefined) return book.confirm(id);
      book.startConfirm(id);
      return close(merchant, id, transactionId);
    },

    /** Cancels or refunds. @throws Refusal of the merchant (-31007): the receipt stays paid. */
    async cancel(id: string): Promise<MockReceipt> {
      const before = book.get(id);
      const { PAID, CLOSE_QUEUED, HELD, CANCEL_QUEUED, CANCELLED } = ReceiptState;
      const isOver = before.state === CANCEL_QUEUED || before.state === CANCELLED;
      if (isOver && choices.repeatedCancel === "refuse") throw receiptNotFound();
      const isAtMerchant = [PAID, CLOSE_QUEUED, HELD].some((state) => state === before.state);
      return merchant !== undefined && isAtMerchant ? cancelWithBilling(merchant, before) : book.cancel(id);
    },

    /** Ends a receipt by time: the payer left, or the bank releases the hold. */
    async expire(id: string): Promise<MockReceipt> {
      const transactionId = attempts.get(id)?.transactionId;
      const isHeld = book.get(id).state === ReceiptState.HELD;
      const receipt = book.expire(id);
      const isReleased = isHeld && receipt.state === ReceiptState.CANCELLED;
      if (isReleased && merchant !== undefined && transactionId !== undefined) {
        await merchant.cancel(transactionId, { reason: CancelReason.TIMEOUT });
      }
      return receipt;
    },

    /** Repeats calls that the merchant left unanswered, and moves their receipts on. */
    async settle(): Promise<void> {
      if (merchant === undefined) return;
      await merchant.settle();
      for (const receipt of book.all()) await follow(merchant, receipt);
    },
  };
}

function fieldsOf(account: MockReceipt["account"]): Record<string, string> {
  return Object.fromEntries(account.map(({ name, value }) => [name, String(value)]));
}

/** The merchant's refusal as Payme passes it on, or Payme's own where the endpoint does not work. */
function refusalOf(answer: Omit<MerchantRefusal, "method"> | Pick<MerchantNoAnswer, "outcome">): Refusal {
  if (answer.outcome === "unknown" || answer.code === MerchantErrorCode.SYSTEM_ERROR) {
    return new Refusal(SubscribeErrorCode.MERCHANT_UNAVAILABLE, UNAVAILABLE.ru, { texts: UNAVAILABLE });
  }
  const { code, message, data } = answer;
  const texts = typeof message === "string" ? undefined : message;
  return new Refusal(code, messageText(message, "ru"), { data, texts });
}
