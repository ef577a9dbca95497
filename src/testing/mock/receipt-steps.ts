import type { Clock } from "../../kit/clock";
import { ReceiptState } from "../../protocol/states";
import type { AcceptedCard } from "./cards";
import type { MockChoices } from "./choices";
import type { MockReceipt } from "./mock-receipt";
import type { MoneyBook, MoneyMovementKind } from "./money-book";
import { receiptNotFound } from "./refusal";

const {
  CREATED,
  CHECKING,
  DEBITING,
  CLOSING,
  PAID,
  HELD,
  HOLDING,
  CANCEL_QUEUED,
  CLOSE_QUEUED,
  CANCELLED,
}: typeof ReceiptState = ReceiptState;

/**
 * The arrows between states. 21 becomes 50 by itself, when the money is back. Billing passes through 1, 2, 3 and 30, and
 * `choices.payAnswers` can. A refused attempt leaves the receipt open (0), and a refused refund leaves it paid: Payme does not
 * say, the mock chose.
 */
const ARROWS: Readonly<Record<number, readonly number[]>> = {
  [CREATED]: [PAID, HELD, CANCELLED, CHECKING, DEBITING, CLOSING, CLOSE_QUEUED, HOLDING],
  [CHECKING]: [DEBITING, CREATED, PAID],
  [DEBITING]: [CLOSING, CREATED, HELD, PAID],
  [CLOSING]: [PAID, CLOSE_QUEUED, CANCELLED],
  [CLOSE_QUEUED]: [PAID, CANCEL_QUEUED, CANCELLED],
  [HOLDING]: [HELD],
  [HELD]: [PAID, CANCELLED, CANCEL_QUEUED, CLOSING],
  [PAID]: [CANCEL_QUEUED],
  [CANCEL_QUEUED]: [CANCELLED, PAID, HELD, CLOSE_QUEUED],
};

/** States in which the money has left the card. */
const DEBITED: readonly number[] = [CLOSING, CLOSE_QUEUED, PAID];

/** After 30 days Uzcard releases held money, and HUMO's can only be taken. Source: "Холдирование". */
const HOLD_MS = 30 * 24 * 3_600_000;
const HUMO = /^9860/;

/** The next change of a receipt by time alone. */
export interface Due {
  readonly at: number;
  readonly to: typeof CANCELLED | typeof PAID | typeof HELD;
}

/** A call that Payme refused, and carries out all the same. */
export type LateCall = { readonly at: number } & (
  | { readonly kind: "pay" | "hold"; readonly card: AcceptedCard; readonly oneOffToken?: string | undefined }
  | { readonly kind: "confirm" | "cancel" }
);

/** A receipt, with what Payme stores beside it. */
export interface BookedReceipt {
  readonly receipt: MockReceipt;
  /** Its number among all receipts of the mock. */
  readonly order: number;
  readonly isHoldAsked: boolean;
  /** The card that pays. */
  accepted?: AcceptedCard | undefined;
  /** Where the payer's money is. */
  money: "on_card" | "held" | "taken";
  due?: Due | undefined;
  /** In the order of time. */
  late?: readonly LateCall[] | undefined;
  heldAt?: number | undefined;
  /** The phones that got it. */
  readonly sentTo: string[];
  fiscalData?: unknown;
}

/** The ends of a receipt that Payme reports. A refund counts as cancelled from its beginning. */
export type ReceiptEnd = "paid" | "cancelled";

/** The end that a receipt has reached. A refund begins when the merchant agrees: until then the receipt is paid. */
export function endOf({ receipt: { state, pay_time }, due }: BookedReceipt): ReceiptEnd | undefined {
  if (state === CANCELLED || (state === CANCEL_QUEUED && due !== undefined)) return "cancelled";
  const isPaid = state === PAID || (state === CANCEL_QUEUED && pay_time > 0);
  return isPaid ? "paid" : undefined;
}

/** True where a HUMO card pays: its holds end differently. */
function isHumo({ accepted }: BookedReceipt): boolean {
  return HUMO.test(accepted?.card.number ?? "");
}

/** False for a hold that can no longer be released. */
export function isReleasable(entry: BookedReceipt, now: number): boolean {
  const { heldAt, receipt } = entry;
  if (receipt.state !== HELD || heldAt === undefined) return true;
  return !isHumo(entry) || now <= heldAt + HOLD_MS;
}

/** The parts of a cashbox that its receipts need. */
export interface StepTools {
  readonly merchantId: string;
  readonly now: Clock;
  readonly money: MoneyBook;
  readonly choices: MockChoices;
}

/** Returns the steps of a receipt, which also move the payer's money. */
export function createReceiptSteps({ merchantId, now, money, choices }: StepTools) {
  /** The only place that changes a state. @throws Refusal -31602 where no arrow leads there, -31630 where the card has too little. */
  function move(entry: BookedReceipt, to: number, at: number): void {
    if (!ARROWS[entry.receipt.state]?.includes(to)) throw receiptNotFound();
    entry.receipt.state = to;
    entry.due = dueOf(entry, to);
    if (to === PAID && entry.receipt.pay_time === 0) entry.receipt.pay_time = at;
    if (DEBITED.includes(to) && entry.money !== "taken")
      moveMoney(entry, entry.money === "held" ? "capture" : "take", at);
    if (to === HELD && entry.money === "on_card") moveMoney(entry, "hold", at);
    if (to !== CANCELLED) return;
    entry.receipt.cancel_time = at;
    if (entry.money !== "on_card") moveMoney(entry, entry.money === "held" ? "release" : "return", at);
  }

  /** The end of an unpaid receipt. */
  function endOfLife({ create_time }: Pick<MockReceipt, "create_time">): Due | undefined {
    const lifetime = choices.unpaidLifetimeMs;
    return lifetime === null ? undefined : { at: create_time + lifetime, to: CANCELLED };
  }

  /** The change by time of a receipt that reaches a state. */
  function dueOf(entry: BookedReceipt, state: number): Due | undefined {
    if (state === CREATED) return endOfLife(entry.receipt);
    if (state !== HELD || entry.heldAt === undefined || isHumo(entry)) return undefined;
    return { at: entry.heldAt + HOLD_MS, to: CANCELLED };
  }

  function moveMoney(entry: BookedReceipt, kind: MoneyMovementKind, at: number): void {
    const { accepted, receipt } = entry;
    if (accepted === undefined) throw new Error(`no card to ${kind} for receipt ${receipt._id}`);
    if (kind === "take" || kind === "hold") money.requireEnough(accepted, receipt.amount);
    money.note(accepted, { at, kind, receiptId: receipt._id, merchantId, amount: receipt.amount });
    entry.money = kind === "hold" ? "held" : kind === "take" || kind === "capture" ? "taken" : "on_card";
  }

  /** Payme rewrites create_time when payment starts, and writes the expiry as YYMM here. */
  function startPayment({ receipt }: BookedReceipt, { masked, expire }: AcceptedCard, at: number): void {
    receipt.create_time = at;
    receipt.card = { number: masked, expire: expire.slice(2) + expire.slice(0, 2) };
    receipt.processing_id = 0;
  }

  function finishHold(entry: BookedReceipt, at: number): void {
    entry.heldAt = at;
    move(entry, HELD, at);
  }

  /** Starts a payment. It ends at once, or after `choices.workMs` where `choices.payAnswers` is set. @throws Refusal as `move` */
  function begin(entry: BookedReceipt, card: AcceptedCard, to: typeof PAID | typeof HELD, at = now()): void {
    const { state, amount } = entry.receipt;
    // With billing a hold starts at 2, after the merchant agreed. A virtual terminal at 2 has debited already.
    const isAtTheCard = state === DEBITING && to === HELD && entry.money === "on_card";
    if (state !== CREATED && !isAtTheCard) throw receiptNotFound();
    money.requireEnough(card, amount);
    entry.accepted = card;
    startPayment(entry, card, at);
    if (choices.payAnswers !== null && state === CREATED) {
      // The money moves at the start, so that no other payment can spend it.
      moveMoney(entry, to === PAID ? "take" : "hold", at);
      move(entry, to === HELD ? HOLDING : choices.payAnswers, at);
      entry.due = { at: at + choices.workMs, to };
    } else if (to === PAID) move(entry, PAID, at);
    else finishHold(entry, at);
  }

  /** Takes held money: at once, or when the merchant agrees. @throws Refusal as `move` */
  function startConfirm(entry: BookedReceipt, to: typeof PAID | typeof CLOSING, at = now()): void {
    if (entry.receipt.state !== HELD) throw receiptNotFound();
    entry.receipt.create_time = at;
    move(entry, to, at);
  }

  /** Debits the card, before the merchant confirms. @throws Refusal as `move` */
  function debit(entry: BookedReceipt, card: AcceptedCard): void {
    if (entry.receipt.state !== DEBITING) throw receiptNotFound();
    money.requireEnough(card, entry.receipt.amount);
    entry.accepted = card;
    startPayment(entry, card, now());
    move(entry, CLOSING, now());
  }

  return { move, begin, debit, startConfirm, finishHold, endOfLife };
}
