import type { Tiyin } from "../kit/money";
import {
  commitChange,
  type Incident,
  type IncidentKind,
  newTransaction,
  type Outcome,
  type PaymentRow,
  recordIncident,
  type TransactionRow,
  type TransactionSource,
  type Verbs,
} from "../ledger";
import { TransactionState } from "../protocol/states";
import { conflictKind } from "./conflict-kind";
import { PAYMENT_ID_FIELD, type PaymentsContext, paymentEvent } from "./context";
import { findReportedPayment } from "./find-reported-payment";
import { noteNotification } from "./note-notification";

/** Somebody says that money came in. */
export interface PaidReport {
  /** The receipt's or transaction's id at Payme: it alone tells a repeat from a second payment. */
  readonly paymeId: string;
  /** What Payme took. */
  readonly amount: Tiyin;
  /** When, in ms. */
  readonly paidAt: number;
  readonly source: TransactionSource;
  readonly chequeId?: string | null | undefined;
}

/** What a report came to. `conflict` and `not_found` are recorded as incidents: nothing is dropped. */
export type RecordOutcome = Outcome<PaymentRow> & { readonly incident?: IncidentKind | undefined };

/** Books a report of money: PENDING or FAILED → PAID, with the owner's hook, once. */
export async function recordPaid<Tx>(context: PaymentsContext<Tx>, report: PaidReport): Promise<RecordOutcome> {
  const payment = await findReportedPayment(context, report);
  if (payment === undefined) return recordUnknown(context, report);
  const settled = isRepeat(payment, report)
    ? ({ outcome: "already_applied", row: payment } as const)
    : await settle(context, payment, report);
  if (settled.outcome === "applied") return settled;
  if (settled.outcome === "not_found") return recordUnknown(context, report);
  const row = await noteNotification(context, settled.row, report);
  if (settled.outcome === "already_applied") return { outcome: "already_applied", row };
  const incident = conflictKind(row, report.amount);
  await recordIncident(context.ledger, incidentOf(context, incident, row.id, report));
  return { outcome: "conflict", row, incident };
}

async function recordUnknown<Tx>(context: PaymentsContext<Tx>, report: PaidReport): Promise<RecordOutcome> {
  await recordIncident(context.ledger, incidentOf(context, "unknown_transaction", report.paymeId, report));
  return { outcome: "not_found", incident: "unknown_transaction" };
}

function settle<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: PaidReport,
): Promise<Outcome<PaymentRow>> {
  const { scope, now, onPaid } = context;
  return commitChange(context.ledger, {
    ...scope,
    subject: payment.id,
    paymeId: report.paymeId,
    guard: async (verbs) => {
      const paid = await verbs.changePayment(scope, payment.id, {
        from: ["PENDING", "FAILED"],
        to: "PAID",
        at: now(),
        amount: report.amount,
        paidBy: report.paymeId,
        paidSource: report.source,
        paidAt: report.paidAt,
        chequeId: report.chequeId ?? undefined,
        webhookReceivedAt: report.source === "gateway" ? now() : undefined,
      });
      if (paid.outcome !== "applied") return paid;
      // Rolled back where it misses: then the row is as it was.
      return (await bookTransaction(verbs, paid.row, report)) ? paid : { outcome: "conflict", row: payment };
    },
    hook: onPaid,
    events: (row) => [paymentEvent("payment.paid", row, row.updatedAt, { source: report.source })],
  });
}

/** The Payme id goes into the book of transactions, where it is unique: one that paid something else is a conflict. */
async function bookTransaction(verbs: Verbs, payment: PaymentRow, report: PaidReport): Promise<boolean> {
  const added = await verbs.addTransaction(transactionOf(payment, report));
  return added.outcome === "applied";
}

function transactionOf(payment: PaymentRow, report: PaidReport): TransactionRow {
  return newTransaction({
    cashbox: payment.cashbox,
    mode: payment.mode,
    paymeId: report.paymeId,
    source: report.source,
    transaction: payment.id,
    state: TransactionState.PERFORMED,
    orderKey: payment.id,
    amount: report.amount,
    account: { [PAYMENT_ID_FIELD]: payment.id },
    time: payment.createdAt,
    createTime: payment.createdAt,
    performTime: Math.max(report.paidAt, payment.createdAt),
  });
}

function isRepeat(payment: PaymentRow, report: PaidReport): boolean {
  return payment.paidBy === report.paymeId && payment.amount === report.amount;
}

function incidentOf<Tx>(
  context: PaymentsContext<Tx>,
  kind: IncidentKind,
  subject: string,
  report: PaidReport,
): Incident {
  const { paymeId, amount, paidAt, source } = report;
  return { ...context.scope, kind, subject, paymeId, at: context.now(), data: { amount, paidAt, source } };
}
