import type { PaymentRow } from "../ledger";
import { type PaymentsContext, paymentEvent } from "./context";

/** Why a payment failed, and when to look again whether money came in all the same; null: never. */
export interface Failure {
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly nextCheckAt: number | null;
}

/** PENDING → FAILED, with its event. A payment that is no longer PENDING stays as it is. */
export async function failPayment<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  failure: Failure,
): Promise<PaymentRow> {
  const { scope, storage } = context;
  const at = context.now();
  return storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    const failed = await verbs.changePayment(scope, payment.id, { ...failure, from: ["PENDING"], to: "FAILED", at });
    if (failed.outcome === "not_found") return payment;
    if (failed.outcome === "applied") {
      await verbs.appendEvents([paymentEvent("payment.failed", failed.row, at, { errorCode: failure.errorCode })]);
    }
    return failed.row;
  });
}
