import { PaymeValidationError } from "../kit/errors";
import type { PaymentRow } from "../ledger";
import type { PaymentsContext } from "./context";

/** The payment with this id: our own, its receipt's, that of the transaction that paid it, or of one under way. */
export async function findPayment<Tx>(context: PaymentsContext<Tx>, id: string): Promise<PaymentRow | undefined> {
  const { scope, storage } = context;
  const found = (await storage.findPayment(scope, { id })) ?? (await storage.findPayment(scope, { paymeId: id }));
  if (found !== undefined) return found;
  const transaction = await storage.findTransaction(scope, id);
  return transaction === undefined ? undefined : storage.findPayment(scope, { id: transaction.orderKey });
}

/** The same, for callers that cannot go on without it. */
export async function requirePayment<Tx>(context: PaymentsContext<Tx>, id: string): Promise<PaymentRow> {
  const payment = await findPayment(context, id);
  if (payment !== undefined) return payment;
  throw new PaymeValidationError(`there is no payment ${JSON.stringify(id)}`, {
    code: "NOT_FOUND",
    hint: "Give our payment id, the receipt's id or the Merchant transaction's id, of the same cashbox and mode.",
  });
}
