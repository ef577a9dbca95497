import type { WebhookEvent } from "../gateway/webhook-event";
import type { PaymentsContext } from "./context";
import { recordCancelled } from "./record-cancelled";
import { type RecordOutcome, recordPaid } from "./record-paid";

/** Books what a signed notification says. One whose method we do not know is logged and left alone. */
export async function recordWebhook<Tx>(
  context: PaymentsContext<Tx>,
  event: WebhookEvent,
): Promise<RecordOutcome | { outcome: "ignored" }> {
  switch (event.type) {
    case "payment.paid":
      return recordPaid(context, {
        paymeId: event.transactionId,
        amount: event.amount,
        paidAt: event.paidAt,
        chequeId: event.chequeId,
        source: "gateway",
      });
    case "payment.cancelled":
      return recordCancelled(context, {
        paymeId: event.transactionId,
        cancelledAt: event.cancelledAt,
        chequeId: event.chequeId,
        source: "gateway",
      });
    case "unknown":
      context.logger.warn("a notification of an unknown method was ignored", { method: event.method });
      return { outcome: "ignored" };
  }
}
