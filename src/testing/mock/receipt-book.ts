import type { Clock } from "../../kit/clock";
import { SubscribeErrorCode } from "../../protocol/codes";
import { ReceiptState } from "../../protocol/states";
import { type BookedReceipt, endOf, isReleasable, notFound, type ReceiptEnd } from "./booked-receipt";
import type { AcceptedCard } from "./cards";
import type { MockChoices } from "./choices";
import { type MockReceipt, type NewReceipt, newReceipt } from "./mock-receipt";
import type { MoneyBook } from "./money-book";
import { paymeId, type Random } from "./random";
import { createReceiptSteps } from "./receipt-steps";
import { Refusal } from "./refusal";

const { CREATED, CLOSING, PAID, HELD, CANCEL_QUEUED, CLOSE_QUEUED, CANCELLED }: typeof ReceiptState = ReceiptState;

/** The receipts of a cashbox, and the only way in which they change. */
export interface ReceiptBook {
  add(receipt: NewReceipt): MockReceipt;
  /** As it stands now. @throws Refusal -31602 when there is none. */
  get(id: string): MockReceipt;
  find(id: string): MockReceipt | undefined;
  /** In the order of creation. */
  all(): MockReceipt[];
  /** Does to all of them what has fallen due by now. */
  catchUp(): void;
  /** The place of a receipt among all of the mock. */
  orderOf(id: string): number;
  /** True where `hold` was said when it was made. */
  isHoldAsked(id: string): boolean;
  /** The whole number of the card that pays it. */
  cardNumberOf(id: string): string | undefined;
  /** @throws Refusal -31602 unless it waits for payment: the same code as for a receipt that is not there. */
  pay(id: string, card: AcceptedCard): MockReceipt;
  /** The card is debited, and the merchant not told yet. @throws Refusal -31630 where it has too little. */
  debit(id: string, card: AcceptedCard): MockReceipt;
  /** Sets the money aside. @throws Refusal as `pay` */
  hold(id: string, card: AcceptedCard): MockReceipt;
  /** Takes held money. @throws Refusal -31602 unless it is held. */
  confirm(id: string): MockReceipt;
  /** The same where the merchant must agree first: the receipt stands at 3, its money taken. */
  startConfirm(id: string): MockReceipt;
  /** The merchant has agreed to what the card was debited for: paid. @throws Refusal -31602 unless it is at 3 or 30. */
  close(id: string): MockReceipt;
  /** True where the payer's money was held at some time. */
  wasHeld(id: string): boolean;
  /** One step of a payment with billing. @throws Refusal -31602 where no such step leads on from where it stands. */
  move(id: string, to: number): MockReceipt;
  /** An unpaid one at once, a paid one by a queue; one that is cancelled, or is being paid, stays as it is. */
  cancel(id: string): MockReceipt;
  /** @throws Refusal for a hold that can only be confirmed any more. */
  requireReleasable(id: string): void;
  /** Puts one in the queue for cancellation, where it stays until the merchant has agreed. */
  queueReturn(id: string): MockReceipt;
  /** The merchant has agreed: the money is on its way back, from the first such word on. */
  giveBack(id: string): MockReceipt;
  /** The payer is gone, or the bank lets a hold go: cancelled at once. Anything else, and HUMO's hold after its 30 days, stays as it is. */
  expire(id: string): MockReceipt;
  sendTo(id: string, phone: string): void;
  saveFiscalData(id: string, data: unknown): MockReceipt;
  clear(): void;
  saved(): BookedReceipt[];
  restore(saved: readonly BookedReceipt[]): void;
}

/** What the book works with. */
export interface ReceiptBookOptions {
  readonly merchantId: string;
  readonly name: string;
  readonly now: Clock;
  readonly random: Random;
  /** Counts the receipts of all cashboxes. */
  readonly nextOrder: () => number;
  readonly money: MoneyBook;
  readonly choices: MockChoices;
  /** How long a paid receipt stays in the queue for cancellation. */
  readonly cancelDelayMs: number;
  /** Called when a receipt has come to an end, whoever or whatever brought it there: once for each. */
  readonly onEnd: (receipt: MockReceipt, end: ReceiptEnd) => void;
}

export function createReceiptBook(options: ReceiptBookOptions): ReceiptBook {
  const { merchantId, name, now, random, choices, cancelDelayMs, onEnd } = options;
  const { move, begin, debit, startConfirm, finishHold, endOfLife } = createReceiptSteps(options);
  const entries = new Map<string, BookedReceipt>();

  function catchUp(entry: BookedReceipt): void {
    const { due } = entry;
    if (due === undefined || now() < due.at) return;
    watched(entry, () => {
      entry.due = undefined;
      if (due.to === HELD) finishHold(entry, due.at);
      else move(entry, due.to, due.at);
    });
    catchUp(entry);
  }

  /** Does something to a receipt, and tells of the end that it has come to. */
  function watched(entry: BookedReceipt, update: () => void): void {
    const before = endOf(entry);
    update();
    const end = endOf(entry);
    if (end !== undefined && end !== before) onEnd(structuredClone(entry.receipt), end);
  }

  function entryOf(id: string): BookedReceipt {
    const entry = entries.get(id);
    if (entry === undefined) throw notFound();
    catchUp(entry);
    return entry;
  }

  function change(id: string, update: (entry: BookedReceipt) => void): MockReceipt {
    const entry = entryOf(id);
    watched(entry, () => update(entry));
    return structuredClone(entry.receipt);
  }

  function requireReleasable(entry: BookedReceipt): void {
    if (isReleasable(entry, now())) return;
    throw new Refusal(SubscribeErrorCode.CARD_REFUSED, "Холд по карте HUMO старше 30 дней можно только подтвердить");
  }

  return {
    find: (id) => (entries.has(id) ? structuredClone(entryOf(id).receipt) : undefined),
    get: (id) => structuredClone(entryOf(id).receipt),
    all: () => [...entries.keys()].map((id) => structuredClone(entryOf(id).receipt)),
    catchUp() {
      for (const entry of entries.values()) catchUp(entry);
    },
    orderOf: (id) => entryOf(id).order,
    isHoldAsked: (id) => entryOf(id).isHoldAsked,
    cardNumberOf: (id) => entryOf(id).accepted?.card.number,
    clear: () => entries.clear(),
    saved: () => structuredClone([...entries.values()]),
    restore(saved) {
      for (const entry of structuredClone(saved)) entries.set(entry.receipt._id, entry);
    },

    add(made) {
      const at = now();
      const id = paymeId(random, at);
      const chequeId = paymeId(random, at);
      const order = options.nextOrder();
      const { accountFields } = choices;
      entries.set(id, {
        order,
        isHoldAsked: made.hold === true,
        money: "on_card",
        due: endOfLife({ create_time: at }),
        sentTo: [],
        receipt: newReceipt(made, { id, chequeId, at, order, merchantId, name, accountFields }),
      });
      return structuredClone(entryOf(id).receipt);
    },

    pay: (id, card) => change(id, (entry) => begin(entry, card, PAID)),
    hold: (id, card) => change(id, (entry) => begin(entry, card, HELD)),

    debit: (id, card) => change(id, (entry) => debit(entry, card)),
    confirm: (id) => change(id, (entry) => startConfirm(entry, PAID)),
    startConfirm: (id) => change(id, (entry) => startConfirm(entry, CLOSING)),
    close: (id) =>
      change(id, (entry) => {
        if (entry.receipt.state !== CLOSING && entry.receipt.state !== CLOSE_QUEUED) throw notFound();
        move(entry, PAID, now());
      }),
    wasHeld: (id) => entryOf(id).heldAt !== undefined,

    move: (id, to) => change(id, (entry) => move(entry, to, now())),

    requireReleasable: (id) => requireReleasable(entryOf(id)),

    cancel: (id) =>
      change(id, (entry) => {
        const { state } = entry.receipt;
        requireReleasable(entry);
        const isQueued = state === PAID || (state === HELD && choices.cancelledHold === "queued");
        if (isQueued) {
          move(entry, CANCEL_QUEUED, now());
          entry.due = { at: now() + cancelDelayMs, to: CANCELLED };
        } else if (state === CREATED || state === HELD) {
          move(entry, CANCELLED, now());
        } else return;
        entry.receipt.meta = cancelledBy(merchantId);
      }),

    queueReturn: (id) =>
      change(id, (entry) => {
        move(entry, CANCEL_QUEUED, now());
        entry.receipt.meta = cancelledBy(merchantId);
      }),

    giveBack: (id) =>
      change(id, (entry) => {
        entry.due ??= { at: now() + cancelDelayMs, to: CANCELLED };
      }),

    expire: (id) =>
      change(id, (entry) => {
        const isOpen = entry.receipt.state === CREATED || entry.receipt.state === HELD;
        if (isOpen && isReleasable(entry, now())) move(entry, CANCELLED, now());
      }),

    sendTo: (id, phone) => void entryOf(id).sentTo.push(phone),

    saveFiscalData: (id, data) =>
      change(id, (entry) => {
        entry.fiscalData = data;
      }),
  };
}

function cancelledBy(merchantId: string) {
  return { source: "subscribe", owner: merchantId, source_cancel: "subscribe" };
}
