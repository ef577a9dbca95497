import { declineText } from "../client/decline-text";
import { declineReasonOf, failureOrThrow } from "../client/pay";
import type { Payer } from "../client/receipts";
import { PaymeConfigError, PaymeValidationError } from "../kit/errors";
import { ORDER_KIND, type PaymentRow } from "../ledger";
import { ReceiptState } from "../protocol/states";
import { cancelPayment } from "./cancel-payment";
import { type ChargeOutcome, ended, outcomeOf, unknownOutcome } from "./charge-outcome";
import { type ClientContext, hasClient, type PaymentsContext } from "./context";
import { createPayment, type NewPayment, refuseOther } from "./create-payment";
import { isHold } from "./follow-hold";
import { payAlone } from "./pay-alone";
import { askPayme } from "./reconcile";
import { endOf, settleReceipt, unlessUnknown } from "./settle-receipt";
import { requireFulfiller } from "./waiting-money";

/** What is to be charged to a saved card. */
export interface NewCharge extends Omit<NewPayment, "reference" | "referenceTtlMs" | "once"> {
  /** What it is for, e.g. `rent:42:2026-01`. It is charged once. What is paid every month has a reference for each month. */
  readonly reference: string;
  /** A verified card's token. It is never stored. */
  readonly token: string;
  readonly payer?: Payer | undefined;
  /**
   * How long to ask for the outcome after a lost answer or a failure inside Payme, and to wait for another call, in ms. Default
   * 30,000.
   */
  readonly settleMs?: number | undefined;
  /** Ends the charge; once it has been sent, the outcome is `unknown` or `pending`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Charges a card for a reference: (1) finds or makes its payment and receipt, (2) claims the receipt in the books, (3) pays it
 * outside any transaction, (4) books what Payme says. A receipt is paid only while its payment is PENDING and claimed, and a
 * reference has one PENDING payment: so two calls never pay two receipts.
 */
export async function chargePayment<Tx>(context: PaymentsContext<Tx>, wanted: NewCharge): Promise<ChargeOutcome> {
  if (!hasClient(context)) throw new PaymeConfigError("createPayments: charge needs a client");
  for (const name of ["reference", "token"] as const) {
    if (typeof wanted[name] === "string" && wanted[name].trim() !== "") continue;
    throw new PaymeValidationError(`charge: ${name} must be a text. Nothing was sent.`);
  }
  requireFulfiller(context, wanted.kind ?? ORDER_KIND);
  wanted.signal?.throwIfAborted();
  const found = (await continued(context, wanted)) ?? (await made(context, wanted));
  if ("payment" in found) return found;
  // A checkout link: its payer pays it, or it ends.
  if (found.status === "PENDING" && found.transactionId === null) return outcomeOf(found, "pending");
  const { client } = context;
  const { token, payer, hold } = wanted;
  return payAlone(context, found, wanted, (receiptId, bounds) => {
    const params = { receiptId, token, payer, ...bounds };
    return hold ? client.hold(params) : client.pay(params);
  });
}

/** A card, and the bounds of a charge. */
export type CardCharge = Pick<NewCharge, "token" | "payer" | "settleMs" | "signal">;

/** Charges a card for a payment that is there: it never makes another one. */
export async function payPayment<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  wanted: CardCharge,
): Promise<ChargeOutcome> {
  if (!hasClient(context)) throw new PaymeConfigError("createPayments: pay needs a client");
  requireFulfiller(context, payment.kind);
  wanted.signal?.throwIfAborted();
  let seen = payment;
  try {
    // What was sent before, or paid another way, is known before anything is sent.
    if (payment.status === "PENDING" && payment.transactionId !== null) seen = await askPayme(context, payment);
  } catch (error) {
    return unknownOutcome(payment, failureOrThrow(error));
  }
  if (seen.status !== "PENDING") return ended(seen);
  if (seen.transactionId === null || isHold(seen)) return outcomeOf(seen, seen.held ? "held" : "pending");
  const { token, payer } = wanted;
  return payAlone(context, seen, wanted, (receiptId, bounds) =>
    context.client.pay({ receiptId, token, payer, ...bounds }),
  );
}

/** The payment of the reference as Payme says it stands, or its outcome; undefined where a new one is to be made. */
async function continued<Tx>(
  context: ClientContext<Tx>,
  wanted: NewCharge,
): Promise<PaymentRow | ChargeOutcome | undefined> {
  const { storage, scope } = context;
  const { reference } = wanted;
  const known =
    (await storage.findPayment(scope, { reference, paid: true })) ?? (await storage.findPayment(scope, { reference }));
  if (known === undefined) return undefined;
  if (isOver(known)) return standsInTheWay(context, known);
  refuseOther(known, wanted);
  if (known.paidAt !== null) return known;
  // Its receipt is being made: createPayment waits for it, or goes on where that call died.
  if (known.status === "PENDING" && known.transactionId === null) return undefined;
  try {
    const seen = await askPayme(context, known);
    if (isHold(seen)) return outcomeOf(seen, seen.held ? "held" : "pending");
    if (seen.paidAt !== null || seen.status === "PENDING") return seen;
    // Ended while Payme was asked, or without a receipt that we know, which no call pays.
    if (seen.transactionId === null || isOver(seen)) return await standsInTheWay(context, seen);
    if (seen.status !== "FAILED") return outcomeOf(seen, "pending");
    // Only a PENDING payment is charged: the receipt of a failed one is cancelled before another is made.
    const { outcome, payment } = await cancelPayment(context, seen);
    const isEnded = outcome === "applied" || outcome === "already_applied";
    return isEnded ? await standsInTheWay(context, payment) : outcomeOf(payment, "pending");
  } catch (error) {
    // Paid meanwhile, or charged just now.
    if (error instanceof PaymeValidationError) return (await storage.findPayment(scope, { id: known.id })) ?? known;
    return unknownOutcome(known, failureOrThrow(error));
  }
}

/** True where nothing more can be taken for a payment. */
function isOver({ status, nextCheckAt, transactionId }: PaymentRow): boolean {
  const hasNoReceipt = status === "FAILED" && transactionId === null;
  return nextCheckAt === null && (status === "CANCELLED" || hasNoReceipt);
}

/**
 * The outcome that the receipt of a payment which is over forces; undefined where it is at 50, or there is none. A notification
 * of a cancel does not say how far Payme is: what our books never learnt to be paid may be on its way back to the payer.
 */
async function standsInTheWay<Tx>(context: ClientContext<Tx>, known: PaymentRow): Promise<ChargeOutcome | undefined> {
  const { transactionId: id } = known;
  if (id === null) return undefined;
  const { receipts } = context.client;
  try {
    const state = (await unlessUnknown(receipts.check(id)))?.state;
    if (state === undefined || state === ReceiptState.CANCELLED) return undefined;
    if (endOf(state) !== "paid") return outcomeOf(known, "pending");
    // Money of a cancelled payment: an incident. A person accepts it, or gives it back.
    await settleReceipt(context, known, await receipts.get(id));
    return unknownOutcome(known, null);
  } catch (error) {
    return unknownOutcome(known, failureOrThrow(error));
  }
}

async function made<Tx>(context: ClientContext<Tx>, wanted: NewCharge): Promise<PaymentRow | ChargeOutcome> {
  const { token: _never, ...thing } = wanted;
  try {
    const { payment } = await createPayment(context, { ...thing, once: true });
    refuseOther(payment, wanted);
    return payment;
  } catch (error) {
    const failure = failureOrThrow(error);
    const row = await context.storage.findPayment(context.scope, { reference: wanted.reference });
    if (row === undefined) throw error;
    if (row.status !== "FAILED") return outcomeOf(row, "pending");
    const reason = declineReasonOf(failure);
    const text = declineText[reason];
    return { payment: row, receiptId: row.transactionId, status: "declined", reason, text, error: failure };
  }
}
