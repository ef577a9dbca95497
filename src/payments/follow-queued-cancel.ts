import { type PaymentRow, recordIncident } from "../ledger";
import { type PaymentsContext, paymentEvent } from "./context";
import { STUCK_AFTER_MS } from "./follow-refund";

/**
 * Notes that Payme has queued the cancel of a receipt which did not pay its payment. Where it has not ended for two days, a
 * person is told, once: its money may be held, or taken and never recorded.
 */
export async function followQueuedCancel<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  paymeId: string,
): Promise<void> {
  const { scope, storage, now } = context;
  const { id: subject, amount } = payment;
  const [noted, told] = ["payment.cancel_queued", "refund_stuck"] as const;
  const known = await storage.listEvents(scope, { subject, kinds: [noted, told], limit: 100 });
  const ofReceipt = (kind: string) => known.find((event) => event.kind === kind && event.paymeId === paymeId);
  const at = now();
  const first = ofReceipt(noted);
  if (first === undefined) {
    await storage.appendEvents([{ ...paymentEvent(noted, payment, at), paymeId }]);
  } else if (at - first.at > STUCK_AFTER_MS && ofReceipt(told) === undefined) {
    await recordIncident(context, { ...scope, kind: told, subject, paymeId, at, data: { amount } });
  }
}
