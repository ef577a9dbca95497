import { failureOrThrow, type HoldOptions } from "../client/pay";
import { PaymeConfigError, PaymeValidationError } from "../kit/errors";
import type { PaymentRow } from "../ledger";
import { type CancelOutcome, cancelPayment } from "./cancel-payment";
import { type CaptureOutcome, ended, outcomeOf, unknownOutcome } from "./charge-outcome";
import { hasClient, type PaymentsContext } from "./context";
import { payAlone } from "./pay-alone";
import { askPayme } from "./reconcile";
import { requireFulfiller } from "./waiting-money";

/** Takes the held money of a payment, whole, once, and books it. Payme is asked first: a hold may have ended. */
export async function capturePayment<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  options: HoldOptions,
): Promise<CaptureOutcome> {
  if (!hasClient(context)) throw new PaymeConfigError("createPayments: capture needs a client");
  if (isUnpaid(payment)) requireFulfiller(context, payment.kind);
  options.signal?.throwIfAborted();
  let seen = payment;
  try {
    if (isUnpaid(payment)) seen = await askPayme(context, payment);
  } catch (error) {
    return unknownOutcome(payment, failureOrThrow(error));
  }
  const wasHold = seen.hold || seen.heldAt !== null;
  if (!isUnpaid(seen) && wasHold) return ended(seen);
  if (!isUnpaid(seen) || seen.heldAt === null) throw notHeld(seen);
  // Payme takes it or lets it go just now.
  if (!seen.held) return outcomeOf(seen, "pending");
  const taken = await payAlone(context, seen, options, (receiptId, bounds) =>
    context.client.capture(receiptId, bounds),
  );
  return taken.status === "held" ? outcomeOf(taken.payment, "pending") : taken;
}

/** Gives held money back: the cancel of a payment whose money is held. */
export async function releasePayment<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<CancelOutcome> {
  if (!hasClient(context)) throw new PaymeConfigError("createPayments: release needs a client");
  const seen = isUnpaid(payment) && payment.heldAt === null ? await askPayme(context, payment) : payment;
  if (isUnpaid(seen) && seen.heldAt === null) throw notHeld(seen);
  return cancelPayment(context, seen);
}

function isUnpaid({ status }: PaymentRow): boolean {
  return status === "PENDING" || status === "FAILED";
}

function notHeld({ status }: PaymentRow): PaymeValidationError {
  return new PaymeValidationError(`no money is held for the payment: it is ${status}. Nothing was sent.`, {
    code: "CONFLICT",
    hint: "Make it with hold: true, and let the payer pay it or use charge({ hold: true }). Use cancel for what is unpaid.",
  });
}
