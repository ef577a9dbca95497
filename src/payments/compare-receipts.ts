import { type BookState, type Cursor, type Difference, differenceOf, type PaymentRow } from "../ledger";
import type { Receipt } from "../protocol/receipt";
import { TransactionState } from "../protocol/states";
import type { PaymentsClient, PaymentsContext } from "./context";
import { endOf } from "./settle-receipt";
import { unlessUnknown } from "./unknown-receipt";

/** A period: `from <= time < to`, in ms since 1970. */
interface Period {
  readonly from: number;
  readonly to: number;
}

/** Payme's page size. */
const RECEIPTS_PAGE = 50;
const PAYMENTS_PAGE = 500;

/**
 * Compares Payme's receipts of a period with our payments, and our payments of the period that were paid by a receipt with
 * Payme. Only money is compared: a receipt that was never paid differs from nothing, as long as we agree.
 */
export async function compareReceipts<Tx>(
  context: PaymentsContext<Tx>,
  client: PaymentsClient,
  period: Period,
): Promise<{ compared: number; differences: readonly Difference[] }> {
  const { storage, scope } = context;
  const seen = new Set<string>();
  const differences: Difference[] = [];
  const compare = (id: string, theirs: BookState | null, payment: PaymentRow | undefined) => {
    seen.add(id);
    const difference = differenceOf(id, theirs, ourStanding(id, payment));
    if (difference !== undefined) differences.push(difference);
  };
  for await (const receipt of receiptsOf(client, period)) {
    if (seen.has(receipt._id)) continue;
    const payment = await storage.findPayment(scope, { paymeId: receipt._id });
    compare(receipt._id, theirStanding(receipt), payment);
  }
  for await (const payment of paidByReceipt(context, period)) {
    if (payment.paidBy === null || seen.has(payment.paidBy)) continue;
    const receipt = await unlessUnknown(client.receipts.get(payment.paidBy));
    compare(payment.paidBy, receipt === undefined ? null : theirStanding(receipt), payment);
  }
  return { compared: seen.size, differences };
}

/** A receipt that took money, or gave it back; others are none of the books' business. */
function theirStanding({ amount, state, pay_time: payTime = 0 }: Receipt): BookState | null {
  const end = endOf(state);
  if (end === "paid") return { amount, state: TransactionState.PERFORMED };
  return end === "cancelled" && payTime > 0 ? { amount, state: TransactionState.REFUNDED } : null;
}

/** What our books say of that receipt: a payment that another one paid says nothing of it. */
function ourStanding(id: string, payment: PaymentRow | undefined): BookState | null {
  if (payment === undefined || payment.paidBy !== id) return null;
  const state = payment.status === "PAID" ? TransactionState.PERFORMED : TransactionState.REFUNDED;
  return { amount: payment.amount, state };
}

async function* receiptsOf(client: PaymentsClient, { from, to }: Period): AsyncIterable<Receipt> {
  for (let offset = 0; ; offset += RECEIPTS_PAGE) {
    const page = await client.receipts.getAll({ from, to: to - 1, count: RECEIPTS_PAGE, offset });
    yield* page;
    if (page.length < RECEIPTS_PAGE) return;
  }
}

async function* paidByReceipt<Tx>({ storage, scope }: PaymentsContext<Tx>, period: Period): AsyncIterable<PaymentRow> {
  for (let after: Cursor | undefined; ; ) {
    const page = await storage.listPaid(scope, { ...period, after, limit: PAYMENTS_PAGE });
    yield* page.filter(({ paidSource }) => paidSource !== "merchant");
    const last = page.at(-1);
    if (last === undefined || page.length < PAYMENTS_PAGE) return;
    after = { time: last.paidAt ?? 0, id: last.id };
  }
}
