import type { Clock } from "../../kit/clock";
import { ReceiptState } from "../../protocol/states";
import { type BookedReceipt, DEBITED, type Due, HOLD_MS, isHumo, mayMove, notFound } from "./booked-receipt";
import type { AcceptedCard } from "./cards";
import type { MockChoices } from "./choices";
import type { MockReceipt } from "./mock-receipt";
import type { MoneyBook, MovementKind } from "./money-book";

/** The steps that a receipt takes, and the payer's money with it. */
export interface ReceiptSteps {
  /** The only place where a state changes. @throws Refusal -31602 where no arrow leads there, -31630 where the card has too little. */
  move(entry: BookedReceipt, to: number, at: number): void;
  /** Payment starts: its end at once, or, where it is so chosen, after Payme has been at work. @throws Refusal as `move` */
  begin(entry: BookedReceipt, card: AcceptedCard, to: typeof PAID | typeof HELD): void;
  /** The card is debited, and the merchant not told yet. @throws Refusal as `move` */
  debit(entry: BookedReceipt, card: AcceptedCard): void;
  /** Held money is taken: at once, or once the merchant agrees. @throws Refusal as `move` */
  startConfirm(entry: BookedReceipt, to: typeof PAID | typeof CLOSING): void;
  finishHold(entry: BookedReceipt, at: number): void;
  /** When an unpaid receipt ends. */
  endOfLife(receipt: Pick<MockReceipt, "create_time">): Due | undefined;
}

/** What the steps work with. */
export interface StepTools {
  readonly merchantId: string;
  readonly now: Clock;
  readonly money: MoneyBook;
  readonly choices: MockChoices;
}

const { CREATED, DEBITING, CLOSING, PAID, HELD, HOLDING, CANCELLED }: typeof ReceiptState = ReceiptState;

export function createReceiptSteps({ merchantId, now, money, choices }: StepTools): ReceiptSteps {
  function move(entry: BookedReceipt, to: number, at: number): void {
    if (!mayMove(entry, to)) throw notFound();
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

  function endOfLife({ create_time }: Pick<MockReceipt, "create_time">): Due | undefined {
    const lifetime = choices.unpaidLifetimeMs;
    return lifetime === null ? undefined : { at: create_time + lifetime, to: CANCELLED };
  }

  /** What time does to a receipt that has come, or come back, to a state. */
  function dueOf(entry: BookedReceipt, state: number): Due | undefined {
    if (state === CREATED) return endOfLife(entry.receipt);
    if (state !== HELD || entry.heldAt === undefined || isHumo(entry)) return undefined;
    return { at: entry.heldAt + HOLD_MS, to: CANCELLED };
  }

  function moveMoney(entry: BookedReceipt, kind: MovementKind, at: number): void {
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

  function begin(entry: BookedReceipt, card: AcceptedCard, to: typeof PAID | typeof HELD): void {
    const at = now();
    const { state, amount } = entry.receipt;
    // With billing a hold comes after the merchant's word, at 2; at the same state a virtual terminal is debiting already.
    const isAtTheCard = state === DEBITING && to === HELD && entry.money === "on_card";
    if (state !== CREATED && !isAtTheCard) throw notFound();
    money.requireEnough(card, amount);
    entry.accepted = card;
    startPayment(entry, card, at);
    if (choices.payAnswers !== null && state === CREATED) {
      // Debited from the start: nothing that comes in between can spend it.
      moveMoney(entry, to === PAID ? "take" : "hold", at);
      move(entry, to === HELD ? HOLDING : choices.payAnswers, at);
      entry.due = { at: at + choices.workMs, to };
    } else if (to === PAID) move(entry, PAID, at);
    else finishHold(entry, at);
  }

  function startConfirm(entry: BookedReceipt, to: typeof PAID | typeof CLOSING): void {
    if (entry.receipt.state !== HELD) throw notFound();
    entry.receipt.create_time = now();
    move(entry, to, now());
  }

  function debit(entry: BookedReceipt, card: AcceptedCard): void {
    if (entry.receipt.state !== DEBITING) throw notFound();
    money.requireEnough(card, entry.receipt.amount);
    entry.accepted = card;
    startPayment(entry, card, now());
    move(entry, CLOSING, now());
  }

  return { move, begin, debit, startConfirm, finishHold, endOfLife };
}
