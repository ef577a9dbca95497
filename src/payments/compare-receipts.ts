import { PaymeConnectionError } from "../kit/errors";
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
  /** Null: Payme does not know it, or it cannot be read. */
  readonly receipt: Receipt | null;
  /** Why it cannot be read. */
  readonly problem?: string | undefined;
  readonly payment: PaymentRow | undefined;
}

type Listed = Omit<ReceiptPair, "payment">;

/** Payme's receipts of a period with our payments, then our payments that a receipt paid in the period with Payme. */
export async function* pairsOf<Tx>(context: ClientContext<Tx>, period: Period): AsyncIterable<ReceiptPair> {
  const { storage, scope, client } = context;
  const seen = new Set<string>();
  for await (const listed of receiptsOf(client, period)) {
    const { id } = listed;
    if (seen.has(id)) continue;
    // Each receipt without an id is another one.
    if (id !== "") seen.add(id);
    yield { ...listed, payment: await storage.findPayment(scope, { paymeId: id }) };
  }
  for await (const payment of paidByReceipt(context, period)) {
    const { paidBy: id } = payment;
    if (id === null || seen.has(id)) continue;
    seen.add(id);
    yield { id, payment, ...(await lookUp(client, id)) };
  }
}

/** Where both sides differ. Only money is compared: a receipt that was never paid is none, as long as our books agree. */
export function differenceIn({ id, receipt, payment, problem }: ReceiptPair): Difference | undefined {
  const ours = ourState(id, payment);
  if (problem !== undefined) return { id, kind: "unread", problem, theirs: null, ours, isPaid: true };
  return differenceOf(id, receipt === null ? null : theirState(receipt), ours);
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

async function* receiptsOf({ receipts }: PaymentsClient, { from, to }: Period): AsyncIterable<Listed> {
  for (let offset = 0; ; offset += RECEIPTS_PAGE) {
    const page = await receipts.getAll({ from, to: to - 1, count: RECEIPTS_PAGE, offset });
    for (const receipt of page.receipts) yield { id: receipt._id, receipt };
    for (const { id, problem } of page.unread) yield { id: id ?? "", receipt: null, problem };
    if (page.receipts.length + page.unread.length < RECEIPTS_PAGE) return;
  }
}

/** Asks for one receipt. One that cannot be read is no reason to know nothing of the others. */
async function lookUp({ receipts }: PaymentsClient, id: string): Promise<Pick<ReceiptPair, "receipt" | "problem">> {
  try {
    return { receipt: (await unlessUnknown(receipts.get(id))) ?? null };
  } catch (error) {
    if (!(error instanceof PaymeConnectionError) || error.problem === undefined) throw error;
    return { receipt: null, problem: error.problem };
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
