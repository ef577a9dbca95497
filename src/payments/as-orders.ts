import type { Incident, PaymentRow, Storage, Verbs } from "../ledger";
import type { MerchantTransaction, Order } from "../merchant/order";
import { Refusal, refuse } from "../merchant/refusal";
import { MerchantErrorCode, merchantErrorText } from "../protocol/codes";
import { OUTCOME_UNKNOWN, PAYMENT_ID_FIELD, type PaymentsContext, paymentEvent } from "./context";
import { conflictKind } from "./record-paid";

/** The account of a checkout link for one of our payments. */
export interface PaymentAccount {
  /** The payment's id. */
  readonly order_id: string;
}

/** Our payments as the orders of a Merchant API endpoint: spread it into `createMerchantApi`, and add the key. */
export interface PaymentOrders<Tx> {
  readonly storage: Storage<Tx>;
  readonly cashbox: string;
  readonly account: { readonly order_id: "string" };
  find(account: PaymentAccount, tx: Tx, call: { readonly test: boolean }): Promise<Order<string> | Refusal>;
  onPaid(transaction: MerchantTransaction<PaymentAccount, string>, tx: Tx): Promise<void>;
  onRefunded(transaction: MerchantTransaction<PaymentAccount, string>, tx: Tx): Promise<void>;
  /** The listener of the payments. */
  readonly onIncident: ((incident: Incident) => unknown) | undefined;
}

/**
 * Lets payments be paid through the Merchant API. Perform pays the payment under its own guard, in the same commit, and
 * runs the owner's hook; a refund takes back what that transaction gave. A cancelled Create changes no payment.
 */
export function asOrders<Tx>(context: PaymentsContext<Tx>): PaymentOrders<Tx> {
  const { scope, storage, now } = context;
  return {
    storage,
    cashbox: scope.cashbox,
    account: { [PAYMENT_ID_FIELD]: "string" },
    onIncident: context.onIncident,

    async find({ order_id: id }, tx, call) {
      // Test calls never see live payments, nor the other way round.
      const isOurs = call.test === (scope.mode === "test");
      const payment = isOurs ? await storage.using(tx).findPayment(scope, { id }) : undefined;
      if (payment === undefined) return refuse.notFound(PAYMENT_ID_FIELD);
      const isOpen = payment.status === "PENDING" && payment.cancelRequestedAt === null;
      return isOpen ? { reference: payment.id, amount: payment.amount } : refuse.unavailable(PAYMENT_ID_FIELD);
    },

    async onPaid(transaction, tx) {
      const verbs = storage.using(tx);
      const payment = await winPayment(context, verbs, transaction);
      await context.onPaid?.(payment, tx);
      await verbs.appendEvents([paymentEvent("payment.paid", payment, payment.updatedAt, { source: "merchant" })]);
    },

    async onRefunded(transaction, tx) {
      const verbs = storage.using(tx);
      const payment = await verbs.findPayment(scope, { id: transaction.reference });
      // A transaction takes back only what it paid.
      if (payment?.status !== "PAID" || payment.paidBy !== transaction.id) return;
      const change = { from: ["PAID"], to: "CANCELLED", at: now() } as const;
      const refunded = await verbs.changePayment(scope, payment.id, change);
      if (refunded.outcome !== "applied") return;
      await context.onRefunded?.(refunded.row, tx);
      await verbs.appendEvents([paymentEvent("payment.refunded", refunded.row, refunded.row.updatedAt)]);
    },
  };
}

/**
 * PENDING or FAILED → PAID. Where the payment was paid another way or closed meanwhile, Payme is refused and gives the
 * money back; an incident lets a person see that it did.
 */
async function winPayment<Tx>(
  { scope, now, client }: PaymentsContext<Tx>,
  verbs: Verbs,
  transaction: MerchantTransaction<PaymentAccount, string>,
): Promise<PaymentRow> {
  const before = await verbs.findPayment(scope, { id: transaction.reference });
  const mayHaveReceipt = before?.transactionId !== null || before.errorCode === OUTCOME_UNKNOWN;
  const paid = await verbs.changePayment(scope, transaction.reference, {
    from: ["PENDING", "FAILED"],
    to: "PAID",
    at: now(),
    amount: transaction.amount,
    paidBy: transaction.id,
    paidSource: "merchant",
    paidAt: transaction.performTime,
    // An open receipt of the same payment must not be paid as well: reconcile cancels it.
    nextCheckAt: client !== undefined && mayHaveReceipt ? now() : null,
  });
  if (paid.outcome === "applied") return paid.row;
  const kind = paid.outcome === "not_found" ? "unknown_transaction" : conflictKind(paid.row, transaction.amount);
  const data = { amount: transaction.amount, source: "merchant", refused: true };
  const code = MerchantErrorCode.CANNOT_PERFORM;
  throw new Refusal(code, merchantErrorText[code], undefined, { kind, data });
}
