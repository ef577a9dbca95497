import { PaymeAPIError, PaymeValidationError } from "../kit/errors";
import type { Tiyin } from "../kit/money";
import {
  amountTaken,
  CLOSED_BY_PAYMENT,
  commitChange,
  type Incident,
  type IncidentKind,
  newTransaction,
  type Outcome,
  type PaymentRow,
  recordIncident,
  type Scope,
  type TransactionRow,
  type TransactionSource,
  tellWritten,
  type Verbs,
  writeEvents,
} from "../ledger";
import { SubscribeErrorCode } from "../protocol/codes";
import { accountValue, type Receipt } from "../protocol/receipt";
import { TransactionState } from "../protocol/states";
import {
  askedEvents,
  hasClient,
  isCharged,
  PAYMENT_ID_FIELD,
  type PaymentsClient,
  type PaymentsContext,
  paymentEvent,
} from "./context";
import { attachFoundReceipt } from "./create-payment";
import { givingHook } from "./fulfiller";
import { askAgain, lockPayment, noteNotification } from "./note-notification";
import { fulfillerOf } from "./waiting-money";

/** Money that came in, as a notification or a receipt says. */
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

/**
 * How recording ended. A paid `conflict` or `not_found` is recorded as an incident: nothing is dropped. Without an incident, a
 * `conflict` is left to Payme: a Merchant transaction of the same id is under way, or a later attempt of it has paid. An incident beside
 * `applied`: the change was made, and the hook said that the order is not the shop's any more.
 */
export type RecordOutcome = Outcome<PaymentRow> & { readonly incident?: IncidentKind | undefined };

/** Records money that came in: PENDING or FAILED → PAID, with the owner's hook, once. */
export async function recordPaid<Tx>(context: PaymentsContext<Tx>, report: PaidReport): Promise<RecordOutcome> {
  const payment = await findReportedPayment(context, report);
  if (payment === undefined) return recordUnknown(context, report);
  const isRepeat = payment.paidBy === report.paymeId && amountTaken(payment) === report.amount;
  const repeated = { outcome: "already_applied", row: payment } as const;
  const settled = isRepeat ? repeated : await pay(context, payment, report);
  if (settled.outcome === "applied") {
    return settled.row.unfulfilled ? { ...settled, incident: "paid_elsewhere" } : settled;
  }
  if (settled.outcome !== "already_applied") return recordConflict(context, payment, report);
  return { outcome: "already_applied", row: await noteNotification(context, settled.row, report) };
}

async function recordUnknown<Tx>(context: PaymentsContext<Tx>, report: PaidReport): Promise<RecordOutcome> {
  await recordIncident(context, moneyIncident(context, "unknown_transaction", report.paymeId, report));
  return { outcome: "not_found", incident: "unknown_transaction" };
}

/** By the payment as it stands while nobody changes it: what settles it afterwards finds the incident. */
async function recordConflict<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: PaidReport,
): Promise<RecordOutcome> {
  const { storage } = context;
  const { row, incident, written } = await storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    const row = (await lockPayment(context, verbs, payment.id, report)) ?? payment;
    const own = await verbs.findTransaction(context.scope, report.paymeId);
    // One id on both roads (a billing cashbox): Payme's Perform or Cancel decides.
    const isOpen = own?.source === "merchant" && own.state === TransactionState.CREATED;
    const isSameMoney = own !== undefined && isAttempt(row, own) && amountTaken(row) === report.amount;
    if (isOpen || isSameMoney) return { row, written: [] };
    const hasEnded = own?.state === TransactionState.CANCELLED && row.amount === report.amount;
    const incident = hasEnded ? "paid_after_cancel" : conflictKind(row, report);
    const written = await writeEvents(context, verbs, [moneyIncident(context, incident, row.id, report)]);
    return { row, incident, written };
  });
  tellWritten(context, written);
  return { outcome: "conflict", row, incident };
}

/**
 * True where the transaction that has a receipt's id is an attempt at what a later one paid. In a billing cashbox the attempt after
 * a declined card has an id of its own: the same receipt's money paid.
 */
export function isAttempt({ id, paidSource }: PaymentRow, own: TransactionRow): boolean {
  return paidSource === "merchant" && own.source === "merchant" && own.reference === id;
}

function moneyIncident<Tx>(
  { scope, now }: PaymentsContext<Tx>,
  kind: IncidentKind,
  subject: string,
  { paymeId, amount, paidAt, source }: PaidReport,
): Incident {
  return { ...scope, kind, subject, paymeId, at: now(), data: { amount, paidAt, source } };
}

/** Kinds of incidents of money that came and could not be recorded on its payment. */
export const CONFLICTS: readonly string[] = ["double_payment", "paid_after_cancel", "amount_mismatch"];

/** The kind of incident of money that came for a payment and cannot be recorded on it. */
export function conflictKind(
  { paidBy, status, amount }: PaymentRow,
  money: { readonly paymeId: string; readonly amount: Tiyin },
): IncidentKind {
  if (paidBy !== null && paidBy !== money.paymeId) return "double_payment";
  if (amount !== money.amount) return "amount_mismatch";
  return paidBy === null && status === "CANCELLED" ? "paid_after_cancel" : "double_payment";
}

/** A person's yes to money that the books refused. The incident is closed in the same commit. */
export interface Acceptance {
  readonly incident: number;
  readonly by: string;
  readonly note: string;
}

/**
 * PENDING or FAILED → PAID. Where the hook answers false the money is taken all the same: then PAID and unfulfilled. Money that
 * a person accepted may have another amount, and its payment may be cancelled.
 */
export async function pay<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: PaidReport,
  accepted?: Acceptance,
): Promise<Outcome<PaymentRow>> {
  const { paymeId, amount, source } = report;
  const fulfiller = await fulfillerOf(context, { payment, paymeId, moved: "paid", report });
  const paid = await commitChange(context, {
    hook: givingHook(fulfiller),
    ...changeOf(context, payment, report, false, accepted),
  });
  if (paid.outcome !== "refused") return paid;
  const change = changeOf(context, payment, report, true, accepted);
  return commitChange(context, {
    ...change,
    events: (row) => [
      ...change.events(row),
      {
        ...context.scope,
        kind: "paid_elsewhere",
        subject: row.id,
        paymeId,
        at: row.updatedAt,
        data: { money: "taken", amount, source },
      },
    ],
  });
}

function changeOf<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: PaidReport,
  unfulfilled: boolean,
  accepted: Acceptance | undefined,
) {
  const { scope, now } = context;
  const { paymeId, amount, paidAt, source } = report;
  return {
    ...scope,
    subject: payment.id,
    paymeId,
    data: { amount, paidAt, source },
    closes: CLOSED_BY_PAYMENT,
    async keepEvidence(verbs: Verbs) {
      const row = await lockPayment(context, verbs, payment.id, report);
      if (row === undefined || row.paidBy === paymeId) return row === undefined;
      if (accepted === undefined) await askAgain(context, row, verbs);
      return true;
    },
    async guard(verbs: Verbs): Promise<Outcome<PaymentRow>> {
      const paid = await verbs.changePayment(scope, payment.id, {
        to: "PAID",
        at: now(),
        paidBy: paymeId,
        paidSource: source,
        paidAt,
        unfulfilled,
        chequeId: report.chequeId ?? undefined,
        webhookReceivedAt: source === "gateway" ? now() : undefined,
        ...(accepted ? acceptedChange(payment, report, now()) : { from: ["PENDING", "FAILED"], amount }),
      });
      if (paid.outcome !== "applied") return paid;
      // A Payme id is unique among transactions: one that paid something else is a conflict, and all is rolled back.
      const added = await verbs.addTransaction(transactionOf(paid.row, report));
      const isBooked =
        accepted === undefined
          ? added.outcome === "applied"
          : (added.outcome === "applied" || (await reopen(verbs, added.row, paid.row, report))) &&
            !isCharged(paid.row, now()) &&
            (await resolve(verbs, scope, now(), accepted));
      return isBooked ? paid : { outcome: "conflict", row: payment };
    },
    events: (row: PaymentRow) => [
      paymentEvent("payment.paid", row, row.updatedAt, { source, acceptedBy: accepted?.by }),
      ...(accepted ? askedEvents(context, "accept", row, accepted) : []),
    ],
  };
}

/** Where the money came by another receipt than its own, `reconcile` cancels its own. */
function acceptedChange({ status, transactionId }: PaymentRow, { paymeId, amount }: PaidReport, now: number) {
  const nextCheckAt = transactionId === null || transactionId === paymeId ? undefined : now;
  return { from: [status] as const, paidAmount: amount, nextCheckAt };
}

/** Money of a receipt that had ended in our books. Its row is of this payment, or it is not touched. */
async function reopen(verbs: Verbs, ended: TransactionRow, payment: PaymentRow, report: PaidReport): Promise<boolean> {
  const { paidAt: at, amount } = report;
  if (ended.source === "merchant" || ended.transaction !== payment.id) return false;
  const change = { from: TransactionState.CANCELLED, to: TransactionState.PERFORMED, at, amount };
  return (await verbs.changeTransaction(payment, ended.paymeId, change)).outcome === "applied";
}

async function resolve(verbs: Verbs, scope: Scope, at: number, { incident, by, note }: Acceptance): Promise<boolean> {
  return (await verbs.closeEvent(scope, incident, { result: "resolved", by, note, at })).outcome === "applied";
}

/** The row of the receipt that paid a payment. */
export function transactionOf(
  { cashbox, mode, id, createdAt }: PaymentRow,
  report: Omit<PaidReport, "chequeId">,
): TransactionRow {
  const { paymeId, amount, paidAt, source } = report;
  return newTransaction({
    cashbox,
    mode,
    paymeId,
    source,
    transaction: id,
    state: TransactionState.PERFORMED,
    reference: id,
    amount,
    account: { [PAYMENT_ID_FIELD]: id },
    time: createdAt,
    createTime: createdAt,
    performTime: Math.max(paidAt, createdAt),
  });
}

/**
 * Returns the payment of a Payme id. An unknown id may be a receipt whose creation was never answered: Payme is asked for
 * it, and where it carries one of our ids and the amount fits, it is attached.
 */
export async function findReportedPayment<Tx>(
  context: PaymentsContext<Tx>,
  { paymeId, amount }: { paymeId: string; amount: Tiyin | null },
): Promise<PaymentRow | undefined> {
  const { storage, scope } = context;
  const known = await storage.findPayment(scope, { paymeId });
  if (known !== undefined || !hasClient(context)) return known;
  const receipt = await receiptOf(context.client, paymeId);
  if (receipt === undefined || receipt._id !== paymeId) return undefined;
  const payment = await ownerOf(context, receipt);
  if (payment === undefined) return undefined;
  const fits = payment.amount === receipt.amount && (amount ?? receipt.amount) === receipt.amount;
  return fits ? attachFoundReceipt(context, payment, receipt) : undefined;
}

const { RECEIPT_NOT_FOUND_OR_PAID, INVALID_PARAMS, INVALID_FIELD } = SubscribeErrorCode;
/** Payme's codes for an id that no receipt has: of the right form, and of another form. */
const UNKNOWN_RECEIPT: readonly number[] = [RECEIPT_NOT_FOUND_OR_PAID, INVALID_PARAMS, INVALID_FIELD];

/** The receipt; undefined where there is none, or the id cannot be one. Other errors may pass: the sender should repeat. */
export async function receiptOf(client: PaymentsClient, paymeId: string): Promise<Receipt | undefined> {
  try {
    return await client.receipts.get(paymeId);
  } catch (error) {
    if (error instanceof PaymeValidationError) return undefined;
    if (error instanceof PaymeAPIError && UNKNOWN_RECEIPT.includes(Number(error.errorCode))) return undefined;
    throw error;
  }
}

/** The payment whose id a receipt carries. */
export async function ownerOf<Tx>(
  { storage, scope }: PaymentsContext<Tx>,
  receipt: Receipt,
): Promise<PaymentRow | undefined> {
  // A virtual terminal replaces the account; the description then still ends with our id.
  for (const id of [accountValue(receipt, PAYMENT_ID_FIELD), receipt.description?.split(/\s/).at(-1)]) {
    const payment = id ? await storage.findPayment(scope, { id }) : undefined;
    if (payment !== undefined) return payment;
  }
  return undefined;
}
