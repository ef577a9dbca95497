import type { PaymentRow } from "../ledger";
import { accountValue, type Receipt } from "../protocol/receipt";
import { PAYMENT_ID_FIELD, type PaymentsClient, type PaymentsContext } from "./context";
import { nextCheckAt } from "./schedule";

/** Payme's page size, and how many pages are read at most: 2,000 receipts. */
const PAGE_SIZE = 50;
const MAX_PAGES = 40;
/** Payme's clock and ours may differ by this much. */
const CLOCK_MARGIN_MS = 10 * 60_000;

/** A receipt's description with our payment id at its end, where it survives a cashbox that replaces the account. */
export function describe(payment: PaymentRow): string {
  return payment.description === null ? payment.id : `${payment.description} ${payment.id}`;
}

/** Attaches a receipt to the payment it was made for; undefined where the payment has another one. */
export async function attachFoundReceipt<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  receipt: Receipt,
): Promise<PaymentRow | undefined> {
  const now = context.now();
  const attached = await context.storage.attachReceipt(context.scope, payment.id, {
    transactionId: receipt._id,
    chequeId: chequeIdOf(receipt),
    payUrl: context.client?.receiptUrl(receipt) ?? payment.payUrl ?? "",
    at: now,
    nextCheckAt: nextCheckAt(now, payment.checks, payment.createdAt + context.pendingTtlMs),
  });
  return attached.outcome === "applied" || attached.outcome === "already_applied" ? attached.row : undefined;
}

/** The receipt's cheque id; where it has none, its own id. */
export function chequeIdOf(receipt: Receipt): string {
  return String(receipt.cheque_id ?? receipt._id);
}

/**
 * Looks among Payme's receipts for the one that was made for a payment and whose answer never came. Receipts are listed
 * newest first, by a time that moves when payment starts: so from shortly before the intent until now.
 */
export async function findLostReceipt(
  client: PaymentsClient,
  payment: PaymentRow,
  now: number,
): Promise<Receipt | undefined> {
  const range = { from: payment.createdAt - CLOCK_MARGIN_MS, to: now + CLOCK_MARGIN_MS, count: PAGE_SIZE };
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const receipts = await client.receipts.getAll({ ...range, offset: page * PAGE_SIZE });
    const found = receipts.find((receipt) => belongsTo(receipt, payment));
    if (found !== undefined || receipts.length < PAGE_SIZE) return found;
  }
  return undefined;
}

function belongsTo(receipt: Receipt, payment: PaymentRow): boolean {
  if (receipt.amount !== payment.amount) return false;
  const carriesId = accountValue(receipt, PAYMENT_ID_FIELD) === payment.id;
  return carriesId || receipt.description === describe(payment);
}
