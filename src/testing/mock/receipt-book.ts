import { SubscribeErrorCode } from "../../protocol/codes";
import { ReceiptState } from "../../protocol/states";
import type { AcceptedCard } from "./cards";
import { type MockReceipt, type NewReceipt, newReceipt } from "./mock-receipt";
import { paymeId, type Random } from "./random";
import {
  type BookedReceipt,
  createReceiptSteps,
  type Due,
  endOf,
  isReleasable,
  type LateCall,
  type ReceiptEnd,
  type StepTools,
} from "./receipt-steps";
import { Refusal, receiptNotFound } from "./refusal";

const { CREATED, CLOSING, PAID, HELD, CANCEL_QUEUED, CLOSE_QUEUED, CANCELLED }: typeof ReceiptState = ReceiptState;

/** The receipts of a cashbox. They change only through their book. */
export type ReceiptBook = ReturnType<typeof createReceiptBook>;

/** The parts of a cashbox that its book needs. */
interface ReceiptBookOptions extends StepTools {
  readonly name: string;
  readonly random: Random;
  /** Counts the receipts of all cashboxes. */
  readonly nextOrder: () => number;
  /** How long a paid receipt waits in the queue for cancellation. */
  readonly cancelDelayMs: number;
  /** Called once for each end that a receipt reaches, whatever the reason. */
  readonly onEnd: (receipt: MockReceipt, end: ReceiptEnd) => void;
  /** Takes a token for one payment out of use. Returns what puts it back. */
  readonly spend: (oneOffToken: string) => () => void;
}

/**
 * Returns an empty book. A method that takes an id throws Refusal -31602 for an unknown receipt, and for one whose state does
 * not allow the step: Payme's code is the same.
 */
export function createReceiptBook(options: ReceiptBookOptions) {
  const { merchantId, name, now, random, choices, cancelDelayMs, onEnd } = options;
  let refunds = 0;
  const { move, begin, debit, startConfirm, finishHold, endOfLife } = createReceiptSteps(options);
  const entries = new Map<string, BookedReceipt>();

  function catchUp(entry: BookedReceipt): void {
    const { due, late: [late, ...later] = [] } = entry;
    if (late !== undefined && late.at <= Math.min(now(), due?.at ?? late.at)) {
      entry.late = later;
      watched(entry, () => carryOut(entry, late));
    } else if (due !== undefined && due.at <= now()) {
      watched(entry, () => {
        entry.due = undefined;
        if (due.to === HELD) finishHold(entry, due.at);
        else move(entry, due.to, due.at);
      });
    } else return;
    catchUp(entry);
  }

  /** Carries out a late call, where the receipt and the card still allow it. */
  function carryOut(entry: BookedReceipt, late: LateCall): void {
    try {
      if ("card" in late) payLate(entry, late);
      else if (late.kind === "confirm") startConfirm(entry, PAID, late.at);
      else cancel(entry, late.at);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  function payLate(entry: BookedReceipt, late: Extract<LateCall, { card: AcceptedCard }>): void {
    const putBack = late.oneOffToken === undefined ? undefined : options.spend(late.oneOffToken);
    try {
      begin(entry, late.card, late.kind === "hold" ? HELD : PAID, late.at);
    } catch (error) {
      putBack?.();
      throw error;
    }
  }

  /** Cancels an unpaid receipt at once, and a paid one through the queue. Others stay as they are. */
  function cancel(entry: BookedReceipt, at: number): void {
    const { state } = entry.receipt;
    requireReleasable(entry);
    const isQueued = state === PAID || (state === HELD && choices.cancelledHold === "queued");
    if (isQueued) {
      move(entry, CANCEL_QUEUED, at);
      entry.due = refundEnd(at);
    } else if (state === CREATED || state === HELD) {
      move(entry, CANCELLED, at);
    } else return;
    entry.receipt.meta = cancelledBy(merchantId);
  }

  /** Changes a receipt, and reports the end that it reaches. */
  function watched(entry: BookedReceipt, update: () => void): void {
    const before = endOf(entry);
    update();
    const end = endOf(entry);
    if (end !== undefined && end !== before) onEnd(structuredClone(entry.receipt), end);
  }

  function entryOf(id: string): BookedReceipt {
    const entry = entries.get(id);
    if (entry === undefined) throw receiptNotFound();
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

  function refundEnd(at = now()): Due {
    const ends = [choices.cancelEnds].flat();
    const end = ends[Math.min(refunds, ends.length - 1)];
    refunds += 1;
    return end === "never"
      ? { at: Number.MAX_SAFE_INTEGER, to: CANCELLED }
      : { at: at + cancelDelayMs, to: end === 4 ? PAID : CANCELLED };
  }

  return {
    find: (id: string) => (entries.has(id) ? structuredClone(entryOf(id).receipt) : undefined),
    /** The receipt as it is now. */
    get: (id: string): MockReceipt => structuredClone(entryOf(id).receipt),
    /** In the order of creation. */
    all: () => [...entries.keys()].map((id): MockReceipt => structuredClone(entryOf(id).receipt)),
    /** Carries out what is due by now. */
    catchUp(): void {
      for (const entry of entries.values()) catchUp(entry);
    },
    /** The number of a receipt among all receipts of the mock. */
    orderOf: (id: string) => entryOf(id).order,
    /** True where `receipts.create` asked for a hold. */
    isHoldAsked: (id: string) => entryOf(id).isHoldAsked,
    /** The whole number of the card that pays. */
    cardNumberOf: (id: string) => entryOf(id).accepted?.card.number,
    clear: () => entries.clear(),
    saved: (): BookedReceipt[] => structuredClone([...entries.values()]),
    restore(saved: readonly BookedReceipt[]): void {
      for (const entry of structuredClone(saved)) entries.set(entry.receipt._id, entry);
    },

    add(made: NewReceipt): MockReceipt {
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

    /** Takes the money. @throws Refusal -31630, too, where the card has too little, as `debit` and `hold` do. */
    pay: (id: string, card: AcceptedCard) => change(id, (entry) => begin(entry, card, PAID)),
    /** Sets the money aside. */
    hold: (id: string, card: AcceptedCard) => change(id, (entry) => begin(entry, card, HELD)),
    /** Takes the money before the merchant confirms (3). */
    debit: (id: string, card: AcceptedCard) => change(id, (entry) => debit(entry, card)),
    /** Takes held money. */
    confirm: (id: string) => change(id, (entry) => startConfirm(entry, PAID)),
    /** Takes held money before the merchant confirms (3). */
    startConfirm: (id: string) => change(id, (entry) => startConfirm(entry, CLOSING)),
    /** The merchant confirmed what was debited: the receipt is paid. Only from 3 or 30. */
    close: (id: string) =>
      change(id, (entry) => {
        if (entry.receipt.state !== CLOSING && entry.receipt.state !== CLOSE_QUEUED) throw receiptNotFound();
        move(entry, PAID, now());
      }),
    /** True where the payer's money was held at some time. */
    wasHeld: (id: string) => entryOf(id).heldAt !== undefined,
    /** One step of a payment with billing. */
    move: (id: string, to: number) => change(id, (entry) => move(entry, to, now())),
    /** @throws Refusal for a hold that can no longer be released. */
    requireReleasable: (id: string) => requireReleasable(entryOf(id)),

    /** Cancels a receipt. @throws Refusal for a hold that can no longer be released. */
    cancel: (id: string) => change(id, (entry) => cancel(entry, now())),
    /** Carries a call out later, although its answer is a refusal. */
    later: (id: string, late: LateCall) =>
      change(id, (entry) => {
        entry.late = [...(entry.late ?? []), late].sort((a, b) => a.at - b.at);
      }),

    /** Puts a receipt in the queue for cancellation, until the merchant agrees. */
    queueReturn: (id: string) =>
      change(id, (entry) => {
        move(entry, CANCEL_QUEUED, now());
        entry.receipt.meta = cancelledBy(merchantId);
      }),

    /** The merchant agreed: the money is on its way back. What was never performed is not paid again. A second call changes nothing. */
    giveBack: (id: string, wasPerformed: boolean) =>
      change(id, (entry) => {
        entry.due ??= wasPerformed ? refundEnd() : { ...refundEnd(), to: CANCELLED };
      }),

    /** Cancels an unpaid receipt or a hold at once. Others, and HUMO's holds after 30 days, stay as they are. */
    expire: (id: string) =>
      change(id, (entry) => {
        const isOpen = entry.receipt.state === CREATED || entry.receipt.state === HELD;
        if (isOpen && isReleasable(entry, now())) move(entry, CANCELLED, now());
      }),

    sendTo: (id: string, phone: string): void => void entryOf(id).sentTo.push(phone),

    saveFiscalData: (id: string, data: unknown) =>
      change(id, (entry) => {
        entry.fiscalData = data;
      }),
  };
}

function cancelledBy(merchantId: string) {
  return { source: "subscribe", owner: merchantId, source_cancel: "subscribe" };
}
