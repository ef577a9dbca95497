import { SubscribeErrorCode } from "../../protocol/codes";
import { ReceiptState } from "../../protocol/states";
import type { AcceptedCard } from "./cards";
import type { MockReceipt } from "./mock-receipt";
import { Refusal } from "./refusal";

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
 * The arrows between states. 21 becomes 50 by itself, when the money is back. 1, 2, 3 and 30 are passed with billing, and
 * where `choices.payAnswers` says so; that a refused attempt leaves the receipt open (back to 0), and a refused refund leaves it
 * paid, is this mock's choice: Payme does not say.
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

/** Where the money has left the card. */
export const DEBITED: readonly number[] = [CLOSING, CLOSE_QUEUED, PAID];

/** Uzcard lets held money go after 30 days; from then on HUMO's can only be taken. Source: "Холдирование". */
export const HOLD_MS = 30 * 24 * 3_600_000;
const HUMO = /^9860/;

/** What the clock will do to a receipt. */
export interface Due {
  readonly at: number;
  readonly to: typeof CANCELLED | typeof PAID | typeof HELD;
}

/** A receipt and what Payme remembers beside it. */
export interface BookedReceipt {
  readonly receipt: MockReceipt;
  /** Its place among all receipts of the mock. */
  readonly order: number;
  readonly isHoldAsked: boolean;
  /** The card that pays it. */
  accepted?: AcceptedCard | undefined;
  /** Where the payer's money is. */
  money: "on_card" | "held" | "taken";
  due?: Due | undefined;
  heldAt?: number | undefined;
  /** Phones that it was sent to. */
  readonly sentTo: string[];
  fiscalData?: unknown;
}

/** True where an arrow leads from where the receipt stands. */
export function mayMove({ receipt: { state } }: BookedReceipt, to: number): boolean {
  return ARROWS[state]?.includes(to) === true;
}

/** What Payme's side can be told of: paid, or cancelled, which for a refund is its beginning. */
export type ReceiptEnd = "paid" | "cancelled";

/** A refund to which the merchant has not agreed yet has not begun: until then the receipt is as paid as it was. */
export function endOf({ receipt: { state, pay_time }, due }: BookedReceipt): ReceiptEnd | undefined {
  if (state === CANCELLED || (state === CANCEL_QUEUED && due !== undefined)) return "cancelled";
  const isPaid = state === PAID || (state === CANCEL_QUEUED && pay_time > 0);
  return isPaid ? "paid" : undefined;
}

/** True where a HUMO card pays it, whose holds end otherwise. */
export function isHumo({ accepted }: BookedReceipt): boolean {
  return HUMO.test(accepted?.card.number ?? "");
}

/** False for a hold that can only be taken any more. */
export function isReleasable(entry: BookedReceipt, now: number): boolean {
  const { heldAt, receipt } = entry;
  if (receipt.state !== HELD || heldAt === undefined) return true;
  return !isHumo(entry) || now <= heldAt + HOLD_MS;
}

/** Payme's code for a receipt that is not there, and for one that is paid. */
export function notFound(): Refusal {
  return new Refusal(SubscribeErrorCode.RECEIPT_NOT_FOUND_OR_PAID, "Чек не найден или оплачен");
}
