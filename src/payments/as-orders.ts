import type { EventListener } from "../kit/emit";
import {
  answerOf,
  appendIn,
  type Incident,
  type IncidentKind,
  type NewEvent,
  type PaymentRow,
  recordIncident,
  type Storage,
  type Verbs,
} from "../ledger";
import type { MerchantTransaction, Order } from "../merchant/order";
import { type Refusal, refusalOf, refuse } from "../merchant/refusal";
import { MerchantErrorCode } from "../protocol/codes";
import { OUTCOME_UNKNOWN, PAYMENT_ID_FIELD, type PaymentsContext, paymentEvent } from "./context";
import { refundChange } from "./follow-refund";
import { givingHook, takingHook } from "./fulfiller";
import type { PaymentsEvent } from "./payments-event";
import { conflictKind } from "./record-paid";
import { type MovedMoney, reportWaiting } from "./waiting-money";

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
  onPaid(transaction: MerchantTransaction<PaymentAccount, string>, tx: Tx): Promise<boolean>;
  onRefunded(transaction: MerchantTransaction<PaymentAccount, string>, tx: Tx): Promise<boolean>;
  onNotTakenBack(transaction: MerchantTransaction<PaymentAccount, string>, tx: Tx): Promise<void>;
  /** The listener of the payments. */
  readonly onIncident: ((incident: Incident) => unknown) | undefined;
  /** The listener of the payments: what Payme's calls do to them is theirs, too. */
  readonly onEvent: EventListener<PaymentsEvent> | undefined;
  readonly incidentMessages: boolean | undefined;
}

/**
 * Lets payments be paid through the Merchant API. Perform pays the payment under its own guard, in the same commit, and
 * runs the owner's hook; a refund takes back what that transaction gave. A cancelled Create changes no payment.
 */
export function asOrders<Tx>(context: PaymentsContext<Tx>): PaymentOrders<Tx> {
  const { scope, storage } = context;
  return {
    storage,
    cashbox: scope.cashbox,
    account: { [PAYMENT_ID_FIELD]: "string" },
    onIncident: context.onIncident,
    onEvent: context.onEvent,
    incidentMessages: context.incidentMessages,

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
      if (!(await answerOf(givingHook(fulfillerHere(payment, transaction, "paid")), payment, tx))) return false;
      await appendIn(storage, tx, [paymentEvent("payment.paid", payment, payment.updatedAt, { source: "merchant" })]);
      return true;
    },

    async onRefunded(transaction, tx) {
      const verbs = storage.using(tx);
      const payment = await closePaid(context, verbs, transaction);
      if (payment === undefined) return true;
      const isTaken = await answerOf(takingHook(fulfillerHere(payment, transaction, "refunded")), payment, tx);
      // Of a refund that was not taken back this is undone: onNotTakenBack writes it again.
      await appendIn(storage, tx, refundEvents(payment));
      return isTaken;
    },

    async onNotTakenBack(transaction, tx) {
      const verbs = storage.using(tx);
      const payment = await closePaid(context, verbs, transaction);
      if (payment) await appendIn(storage, tx, refundEvents(payment));
    },
  };

  function fulfillerHere(payment: PaymentRow, { id: paymeId }: { readonly id: string }, moved: MovedMoney["moved"]) {
    const fulfiller = context.fulfillers.get(payment.kind);
    if (fulfiller !== undefined) return fulfiller;
    throw refusalOf(MerchantErrorCode.SYSTEM_ERROR, undefined, () =>
      reportWaiting(context, { payment, paymeId, moved, report: { source: "merchant" } }),
    );
  }
}

/** Payme takes the money back at once. */
function refundEvents(payment: PaymentRow): NewEvent[] {
  return ["payment.refunded", "payment.refund_done"].map((kind) =>
    paymentEvent(kind, payment, payment.updatedAt, { source: "merchant" }),
  );
}

/** PAID → CANCELLED; undefined where this transaction did not pay it: it takes back only what it paid. */
async function closePaid<Tx>(
  { scope, now }: PaymentsContext<Tx>,
  verbs: Verbs,
  transaction: MerchantTransaction<PaymentAccount, string>,
): Promise<PaymentRow | undefined> {
  const payment = await verbs.findPayment(scope, { id: transaction.reference });
  if (payment?.paidBy !== transaction.id) return undefined;
  const closed = await verbs.changePayment(scope, payment.id, refundChange(payment, "done", now()));
  return closed.outcome === "applied" ? closed.row : undefined;
}

/**
 * PENDING or FAILED → PAID. Where the payment was paid another way or closed meanwhile, Payme is refused and gives the
 * money back; an incident lets a person see that it did.
 */
async function winPayment<Tx>(
  context: PaymentsContext<Tx>,
  verbs: Verbs,
  transaction: MerchantTransaction<PaymentAccount, string>,
): Promise<PaymentRow> {
  const { scope, now } = context;
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
    nextCheckAt: mayHaveReceipt ? now() : null,
  });
  if (paid.outcome === "applied") return paid.row;
  const kind = paid.outcome === "not_found" ? "unknown_transaction" : refusedKind(paid.row, transaction);
  const data = { amount: transaction.amount, source: "merchant", money: "refused" };
  const { reference: subject, id: paymeId } = transaction;
  const incident: Incident = { ...scope, kind, subject, paymeId, at: now(), data };
  throw refusalOf(MerchantErrorCode.CANNOT_PERFORM, undefined, () => recordIncident(context, incident));
}

/** The kind of incident of a Perform that is refused: its money is never taken, so nothing was paid twice. */
function refusedKind(
  payment: PaymentRow,
  { id: paymeId, amount }: MerchantTransaction<PaymentAccount, string>,
): IncidentKind {
  const kind = conflictKind(payment, { paymeId, amount });
  return kind === "double_payment" ? "paid_elsewhere" : kind;
}
