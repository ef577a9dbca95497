import { PaymeAPIError, PaymeValidationError } from "../kit/errors";
import type { Tiyin } from "../kit/money";
import type { PaymentRow } from "../ledger";
import { SubscribeErrorCode } from "../protocol/codes";
import { accountValue, type Receipt } from "../protocol/receipt";
import { PAYMENT_ID_FIELD, type PaymentsClient, type PaymentsContext } from "./context";
import { attachFoundReceipt } from "./receipt-of-payment";

/**
 * The payment that a report names. An id that our books do not know may be a receipt whose creation was never answered:
 * Payme is asked what it is, and where it carries one of our ids and the amount fits, it is attached.
 */
export async function findReportedPayment<Tx>(
  context: PaymentsContext<Tx>,
  report: { paymeId: string; amount: Tiyin | null },
): Promise<PaymentRow | undefined> {
  const known = await context.storage.findPayment(context.scope, { paymeId: report.paymeId });
  if (known !== undefined || context.client === undefined) return known;
  const receipt = await receiptOf(context.client, report.paymeId);
  if (receipt === undefined || receipt._id !== report.paymeId) return undefined;
  const payment = await findOwner(context, receipt);
  const fits = payment?.amount === receipt.amount && (report.amount ?? receipt.amount) === receipt.amount;
  return payment !== undefined && fits ? attachFoundReceipt(context, payment, receipt) : undefined;
}

/** What Payme says that it has no receipt by, for an id of the right form and of another. */
const UNKNOWN_RECEIPT: readonly number[] = [
  SubscribeErrorCode.RECEIPT_NOT_FOUND_OR_PAID,
  SubscribeErrorCode.INVALID_PARAMS,
  SubscribeErrorCode.INVALID_FIELD,
];

/** The receipt; undefined where there is none, or the id cannot be one. Other errors may pass: whoever reported it should repeat. */
async function receiptOf(client: PaymentsClient, paymeId: string): Promise<Receipt | undefined> {
  try {
    return await client.receipts.get(paymeId);
  } catch (error) {
    if (error instanceof PaymeValidationError) return undefined;
    if (error instanceof PaymeAPIError && UNKNOWN_RECEIPT.includes(Number(error.errorCode))) return undefined;
    throw error;
  }
}

async function findOwner<Tx>(context: PaymentsContext<Tx>, receipt: Receipt): Promise<PaymentRow | undefined> {
  for (const id of paymentIdsIn(receipt)) {
    const payment = await context.storage.findPayment(context.scope, { id });
    if (payment !== undefined) return payment;
  }
  return undefined;
}

/** Where our id may stand: in the account, and at the end of the description (a virtual terminal replaces the account). */
function paymentIdsIn(receipt: Receipt): string[] {
  const candidates = [accountValue(receipt, PAYMENT_ID_FIELD), receipt.description?.split(/\s/).at(-1)];
  return candidates.flatMap((id) => (id ? [id] : []));
}
