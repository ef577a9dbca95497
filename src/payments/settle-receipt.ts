import { PaymeAPIError } from "../kit/errors";
import { tiyin } from "../kit/money";
import { type PaymentRow, rowAfter } from "../ledger";
import { SubscribeErrorCode } from "../protocol/codes";
import type { Receipt } from "../protocol/receipt";
import { ReceiptState } from "../protocol/states";
import type { PaymentsContext } from "./context";
import { recordCancelled } from "./record-cancelled";
import { type PaidReport, recordPaid } from "./record-paid";

/** States in which a receipt waits, for its payer or for Payme. */
const { CREATED, CHECKING, DEBITING, CLOSING, HELD, HOLDING, PAUSED, CLOSE_QUEUED } = ReceiptState;
const WAITING: readonly number[] = [CREATED, CHECKING, DEBITING, CLOSING, HELD, HOLDING, PAUSED, CLOSE_QUEUED];

/** The meaning of a receipt's state for its payment. Only 4 is paid. */
export function endOf(state: number): "paid" | "cancelled" | "open" {
  if (state === ReceiptState.PAID) return "paid";
  return state === ReceiptState.CANCEL_QUEUED || state === ReceiptState.CANCELLED ? "cancelled" : "open";
}

/** The same for the receipt of a payment: an unpaid one whose cancel is queued ends at 50 only. */
export function endFor({ paidBy }: PaymentRow, paymeId: string, state: number): "paid" | "cancelled" | "open" {
  return state === ReceiptState.CANCEL_QUEUED && paidBy !== paymeId ? "open" : endOf(state);
}

/** Records the end of a receipt, where it has one. Returns its payment as it then stands. */
export async function settleReceipt<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  receipt: Receipt,
  source: "receipt" | "review" = "receipt",
): Promise<PaymentRow> {
  const { _id: paymeId, state } = receipt;
  warnOfUnpublished(context, paymeId, state);
  const end = endFor(payment, paymeId, state);
  if (end === "open") return payment;
  const recorded =
    end === "paid"
      ? await recordPaid(context, paidReport(context, receipt))
      : await recordCancelled(context, {
          paymeId,
          cancelledAt: context.now(),
          source,
          refund: state === ReceiptState.CANCELLED ? "done" : "queued",
        });
  return rowAfter(recorded, payment);
}

/** The end of the year 9999: a later time can be neither stored nor printed. */
const LATEST_MS = 253_402_300_799_999;

/** Returns the report of a paid receipt. A `pay_time` that is no time must not stop the money: then it was paid now. */
export function paidReport<Tx>({ now }: PaymentsContext<Tx>, receipt: Receipt): PaidReport {
  const { _id: paymeId, amount, pay_time: payTime = 0 } = receipt;
  const isTime = Number.isSafeInteger(payTime) && payTime > 0 && payTime <= LATEST_MS;
  return { paymeId, amount: tiyin(amount), paidAt: isTime ? payTime : now(), source: "receipt" };
}

/** Logs a state that Payme has not published. Such a receipt counts as open. */
export function warnOfUnpublished<Tx>({ logger }: PaymentsContext<Tx>, paymeId: string, state: number): void {
  if (endOf(state) !== "open" || WAITING.includes(state)) return;
  logger.warn("a receipt is in a state that Payme has not published", { transaction_id: paymeId, state });
}

/** Payme's answer about a receipt; undefined where it knows no such receipt. */
export async function unlessUnknown<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asking;
  } catch (error) {
    const unknown = String(SubscribeErrorCode.RECEIPT_NOT_FOUND_OR_PAID);
    if (error instanceof PaymeAPIError && error.errorCode === unknown) return undefined;
    throw error;
  }
}
