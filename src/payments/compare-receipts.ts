import { amountTaken, type BookState, type Cursor, type Difference, differenceOf, type PaymentRow } from "../ledger";
import type { Receipt } from "../protocol/receipt";
import { TransactionState } from "../protocol/states";
import type { ClientContext, PaymentsClient, PaymentsContext } from "./context";
import { endOf, unlessUnknown } from "./settle-receipt";

/** Tashkent is five hours ahead of UTC, and has no summer time. */
export const TASHKENT_MINUTES = 300;
/** Payme's page size. */
const RECEIPTS_PAGE = 50;
const PAYMENTS_PAGE = 500;

/** `from <= time < to`, in ms since 1970. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** One receipt in both books. */
export interface ReceiptPair {
  readonly id: string;
  /** Null: Payme does not know it. */
  readonly receipt: Receipt | null;
  readonly payment: PaymentRow | undefined;
}

/** Payme's receipts of a period with our payments, then our payments that a receipt paid in the period with Payme. */
export async function* pairsOf<Tx>(context: ClientContext<Tx>, period: Period): AsyncIterable<ReceiptPair> {
  const { storage, scope, client } = context;
  const seen = new Set<string>();
  for await (const receipt of receiptsOf(client, period)) {
    const { _id: id } = receipt;
    if (seen.has(id)) continue;
    seen.add(id);
    yield { id, receipt, payment: await storage.findPayment(scope, { paymeId: id }) };
  }
  for await (const payment of paidByReceipt(context, period)) {
    const { paidBy: id } = payment;
    if (id === null || seen.has(id)) continue;
    seen.add(id);
    yield { id, receipt: (await unlessUnknown(client.receipts.get(id))) ?? null, payment };
  }
}

/** Where both sides differ. Only money is compared: a receipt that was never paid is none, as long as our books agree. */
export function differenceIn({ id, receipt, payment }: ReceiptPair): Difference | undefined {
  return differenceOf(id, receipt === null ? null : theirState(receipt), ourState(id, payment));
}

/** The state of a receipt that took money, or gave it back; null for others. */
function theirState({ amount, state, pay_time: payTime = 0 }: Receipt): BookState | null {
  const end = endOf(state);
  if (end === "paid") return { amount, state: TransactionState.PERFORMED };
  return end === "cancelled" && payTime > 0 ? { amount, state: TransactionState.REFUNDED } : null;
}

/** The state of that receipt in our books; null for a payment that another one paid. */
function ourState(id: string, payment: PaymentRow | undefined): BookState | null {
  if (payment === undefined || payment.paidBy !== id) return null;
  const state = payment.status === "PAID" ? TransactionState.PERFORMED : TransactionState.REFUNDED;
  return { amount: amountTaken(payment), state };
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
