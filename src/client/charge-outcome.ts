import { PaymeAPIError, type PaymeError, type RefusalReason } from "../kit/errors";
import { ReceiptState } from "../protocol/states";

/** Why a card was not charged: whose move it is. `merchant` also stands for a cashbox that is set up wrongly. */
export type DeclineReason = "funds" | "card" | "otp" | "limit" | "merchant" | "unavailable";

/**
 * How a charge, a capture, a release or a wait ended. `receiptId` is the receipt that was, or still can be, paid.
 *
 * - `paid`: the money is yours. `held`: it is set aside for you.
 * - `pending`: Payme is at work on it, or nothing has happened yet; ask again with `waitUntilPaid`.
 * - `declined`: no money was taken, and none will be by this attempt. `cancelled`: the receipt is cancelled, or will be.
 * - `unknown`: Payme could not be asked to the end. Charge again **with this `receiptId`** or wait; never with a new receipt.
 */
export type ChargeOutcome =
  | { status: "paid" | "held" | "pending" | "cancelled"; receiptId: string; state: number }
  | { status: "declined"; receiptId: string | null; reason: DeclineReason; error: PaymeError }
  | { status: "unknown"; receiptId: string; state: number | null; error: PaymeError | null };

/** What asking about a receipt can tell: all but a refusal. */
export type Asked = Exclude<ChargeOutcome, { status: "declined" }>;

type Settled = Extract<ChargeOutcome, { state: number }>["status"];

const STATUS: Readonly<Record<number, Settled>> = {
  [ReceiptState.PAID]: "paid",
  [ReceiptState.HELD]: "held",
  [ReceiptState.CANCEL_QUEUED]: "cancelled",
  [ReceiptState.CANCELLED]: "cancelled",
};

/** What a receipt's state says of it; states between, and new ones, are `pending`. */
export function outcomeOfState(receiptId: string, state: number): Exclude<Asked, { status: "unknown" }> {
  return { status: STATUS[state] ?? "pending", receiptId, state };
}

/** A refusal, and a Payme that was not reached, as an outcome: in both cases no money was taken. */
export function declined(receiptId: string | null, error: PaymeError): ChargeOutcome {
  const reason = error instanceof PaymeAPIError ? DECLINES[error.reason] : "unavailable";
  return { status: "declined", receiptId, reason, error };
}

const DECLINES: Readonly<Record<RefusalReason, DeclineReason>> = {
  auth: "merchant",
  validation: "merchant",
  merchant: "merchant",
  card: "card",
  funds: "funds",
  otp: "otp",
  limit: "limit",
  receipt: "unavailable",
  unavailable: "unavailable",
  unknown: "unavailable",
};
