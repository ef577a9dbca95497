import { tiyin } from "../kit/money";
import type { PaymentRow } from "../ledger";
import type { Receipt } from "../protocol/receipt";
import { ReceiptState } from "../protocol/states";
import type { PaymentsContext } from "./context";
import { recordCancelled } from "./record-cancelled";
import { type RecordOutcome, recordPaid } from "./record-paid";

/** States in which a receipt waits, for its payer or for Payme. */
const WAITING: readonly number[] = [
  ReceiptState.CREATED,
  ReceiptState.CHECKING,
  ReceiptState.DEBITING,
  ReceiptState.CLOSING,
  ReceiptState.HELD,
  ReceiptState.HOLDING,
  ReceiptState.PAUSED,
  ReceiptState.CLOSE_QUEUED,
];

/** What a receipt's state means for its payment. Only 4 settles. */
export type ReceiptEnd = "paid" | "cancelled" | "open";

export function endOf(state: number): ReceiptEnd {
  if (state === ReceiptState.PAID) return "paid";
  return state === ReceiptState.CANCEL_QUEUED || state === ReceiptState.CANCELLED ? "cancelled" : "open";
}

/** Brings the books to what a receipt says, and returns its payment as it then stands. */
export async function settleByState<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  receipt: Receipt,
): Promise<PaymentRow> {
  const recorded = await recordEnd(context, receipt);
  return recorded === undefined || recorded.outcome === "not_found" ? payment : recorded.row;
}

async function recordEnd<Tx>(context: PaymentsContext<Tx>, receipt: Receipt): Promise<RecordOutcome | undefined> {
  const { _id: paymeId, state, amount, pay_time: payTime = 0 } = receipt;
  const now = context.now();
  switch (endOf(state)) {
    case "paid":
      return recordPaid(context, {
        paymeId,
        amount: tiyin(amount),
        paidAt: payTime > 0 ? payTime : now,
        source: "receipt",
      });
    case "cancelled":
      return recordCancelled(context, { paymeId, cancelledAt: now, source: "receipt" });
    case "open":
      warnOfUnpublished(context, paymeId, state);
      return undefined;
  }
}

/** A state that Payme has not published is waited out, and told of. */
export function warnOfUnpublished<Tx>(context: PaymentsContext<Tx>, paymeId: string, state: number): void {
  if (endOf(state) !== "open" || WAITING.includes(state)) return;
  context.logger.warn("a receipt is in a state that Payme has not published", { paymeId, state });
}
