import { PaymeConfigError, PaymeValidationError } from "../kit/errors";
import { isRecord } from "../kit/json";
import {
  adminEvent,
  type EventRow,
  type IncidentKind,
  incidentKinds,
  isIncidentKind,
  type PaymentRow,
  tellWritten,
  writeEvents,
} from "../ledger";
import { ReceiptState } from "../protocol/states";
import { hasClient, type PaymentsContext } from "./context";
import { ownerOf, type PaidReport, pay, receiptOf } from "./record-paid";
import { paidReport } from "./settle-receipt";
import { requireFulfiller } from "./waiting-money";

/** A person's yes to the money of an incident. */
export interface IncidentAcceptance {
  /** Who accepts it. Kept with the incident. */
  readonly by: string;
  /** Why. Kept with the incident. */
  readonly note: string;
  /** The payment that the money is for: needed where the incident names none (`unknown_transaction`). */
  readonly paymentId?: string | undefined;
}

/** How accepting ended. `already_applied`: that money had paid the payment before. */
export interface AcceptedPayment {
  readonly outcome: "applied" | "already_applied";
  /** PAID. `unfulfilled` where `onPaid` answered false: then refund it. */
  readonly row: PaymentRow;
}

/** What a person does instead, for each kind of incident that is not accepted. */
const INSTEAD: Partial<Readonly<Record<IncidentKind, string>>> = {
  double_payment: "The payment was paid by another id. Give this money back in the Payme cabinet.",
  paid_elsewhere: "The payment is booked. Its order is not yours to give any more: refund it.",
  effect_failed: "Mend the cause; then ask Payme again: payments.check(id). It settles by itself.",
  no_fulfiller: "Start the process that fulfils this kind. It settles by itself.",
};

/** Books the money of an incident, once Payme has said that it is taken. The incident is closed in the same commit. */
export async function acceptIncident<Tx>(
  context: PaymentsContext<Tx>,
  id: number,
  acceptance: IncidentAcceptance,
): Promise<AcceptedPayment> {
  const { storage, scope } = context;
  const incident = await requireIncident(context, id);
  const { paymeId, resolvedBy } = incident;
  const booked = await storage.findPayment(scope, { paymeId });
  if (booked?.paidBy === paymeId) return closeBooked(context, incident, booked, acceptance);
  if (resolvedBy !== null) {
    throw refused(`incident ${id} was resolved by ${resolvedBy}`, "Money that comes again opens a new incident.");
  }
  const payment = await paymentOf(context, incident, acceptance.paymentId);
  // Another person was quicker, a moment ago.
  if (payment.paidBy === paymeId) return closeBooked(context, incident, payment, acceptance);
  requireFulfiller(context, payment.kind);
  const report = await askWhetherPaid(context, incident, payment);
  const { by, note } = acceptance;
  const paid = await pay(context, payment, report, { incident: id, by, note });
  const { outcome } = paid;
  if (outcome === "applied" || outcome === "already_applied") return { outcome, row: paid.row };
  throw refused(
    "the payment or the incident was changed meanwhile, or a charge of it is under way",
    "Look at both, then accept again.",
  );
}

type MoneyIncident = EventRow & { readonly kind: IncidentKind; readonly paymeId: string };

/** Returns the incident, where its money may be accepted. */
async function requireIncident<Tx>({ storage, scope }: PaymentsContext<Tx>, id: number): Promise<MoneyIncident> {
  const [row] = await storage.listEvents(scope, { kinds: incidentKinds, after: id - 1, limit: 1 });
  if (row?.id !== id) throw new PaymeValidationError(`there is no incident ${id}`, { code: "NOT_FOUND" });
  const { kind, paymeId, data } = row;
  if (isRecord(data) && data.money === "refused") {
    throw refused("we refused this money: Payme gives it back to the payer", "Resolve the incident.");
  }
  const isAccepted = kind === "paid_after_cancel" || kind === "amount_mismatch" || kind === "unknown_transaction";
  if (!isIncidentKind(kind) || !isAccepted || paymeId === null) {
    const instead = (isIncidentKind(kind) && INSTEAD[kind]) || "Deal with it, then resolve it.";
    throw refused(`an incident ${kind} has no money to accept`, instead);
  }
  return { ...row, kind, paymeId };
}

async function paymentOf<Tx>(
  { storage, scope }: PaymentsContext<Tx>,
  { kind, subject, paymeId }: MoneyIncident,
  paymentId: string | undefined,
): Promise<PaymentRow> {
  const id = kind === "unknown_transaction" ? paymentId : subject;
  if (id === undefined || (paymentId !== undefined && paymentId !== id)) {
    throw new PaymeValidationError(
      id === undefined
        ? "paymentId is missing: nothing says what this money is for"
        : `the incident is of payment ${id}`,
      { hint: "Give the id of the payment that the payer meant." },
    );
  }
  const payment = await storage.findPayment(scope, { id });
  if (payment === undefined) throw new PaymeValidationError(`there is no payment ${id}`, { code: "NOT_FOUND" });
  if (payment.paidBy === null || payment.paidBy === paymeId) return payment;
  throw refused(`payment ${id} was paid by ${payment.paidBy}`, INSTEAD.double_payment);
}

/** @throws PaymeValidationError where Payme says that the receipt is not paid now. */
async function askWhetherPaid<Tx>(
  context: PaymentsContext<Tx>,
  { paymeId }: MoneyIncident,
  payment: PaymentRow,
): Promise<PaidReport> {
  if (!hasClient(context)) {
    throw new PaymeConfigError("payments.accept: Payme must be asked first, and there is no client", {
      hint: "Give createPayments the client.",
    });
  }
  const own = await context.storage.findTransaction(context.scope, paymeId);
  if (own?.source === "merchant") {
    throw refused(`${paymeId} is a transaction of the Merchant API`, "Payme itself performs or cancels it.");
  }
  const receipt = await receiptOf(context.client, paymeId);
  if (receipt?._id !== paymeId || receipt.state !== ReceiptState.PAID) {
    const state = receipt === undefined ? "Payme knows no such receipt" : `its state is ${receipt.state}`;
    throw refused(`the receipt ${paymeId} is not paid at Payme: ${state}`, "Resolve the incident.");
  }
  const owner = await ownerOf(context, receipt);
  if (owner === undefined || owner.id === payment.id) return paidReport(context, receipt);
  throw refused(`the receipt ${paymeId} names payment ${owner.id}`, "Accept it for that one.");
}

/**
 * Closes an incident by a person's hand; one that is closed stays as it is.
 *
 * @throws PaymeValidationError `NOT_FOUND`
 */
export async function resolveIncident<Tx>(
  context: PaymentsContext<Tx>,
  id: number,
  { by, note }: { readonly by: string; readonly note: string },
  action: "accept" | "resolve",
): Promise<EventRow> {
  const { storage, scope, now } = context;
  const { closed, written } = await storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    const closed = await verbs.closeEvent(scope, id, { result: "resolved", by, note, at: now() });
    if (closed.outcome !== "applied") return { closed, written: [] };
    const { subject, paymeId } = closed.row;
    const event = adminEvent(scope, action, { subject, paymeId, at: now(), by, data: { incident: id } });
    return { closed, written: [closed.row, ...(await writeEvents(context, verbs, [event]))] };
  });
  if (closed.outcome === "not_found") {
    throw new PaymeValidationError(`there is no incident ${id}`, { code: "NOT_FOUND" });
  }
  // These books may have the shop's own orders, too, and a reference of the shop is not told.
  const payment = await storage.findPayment(scope, { id: closed.row.subject }).catch(() => undefined);
  tellWritten({ ...context, subjectsArePayments: payment !== undefined }, written);
  return closed.row;
}

/** The money has paid its payment before: only the incident is left to close, if it is open. */
async function closeBooked<Tx>(
  context: PaymentsContext<Tx>,
  { id, resolvedAt }: MoneyIncident,
  row: PaymentRow,
  { by, note }: IncidentAcceptance,
): Promise<AcceptedPayment> {
  if (resolvedAt === null) await resolveIncident(context, id, { by, note }, "accept");
  return { outcome: "already_applied", row };
}

function refused(message: string, hint: string | undefined): PaymeValidationError {
  return new PaymeValidationError(message, { code: "CONFLICT", hint });
}
