import type { Payments } from "../../src/entry";
import type { EventRow } from "../../src/ledger";
import type { MockCore } from "../../src/testing/mock/mock-core";

/** Who resolves incidents, when it is not the library. */
export const PERSON = "a person";

/** Looks at an open incident, does what it asks for or nothing, and closes it. What is refused stays open. */
export async function lookAt<Tx>(
  payments: Payments<Tx>,
  mock: Pick<MockCore, "cancel" | "receipt">,
  incident: EventRow,
  isDiligent: boolean,
): Promise<void> {
  if (isDiligent) await putRight(payments, mock, incident);
  await payments.incidents.resolve(incident.id, { by: PERSON, note: isDiligent ? "put right" : "seen" });
}

async function putRight<Tx>(
  payments: Payments<Tx>,
  mock: Pick<MockCore, "cancel" | "receipt">,
  { kind, subject, paymeId, data }: EventRow,
): Promise<unknown> {
  switch (kind) {
    case "paid_elsewhere":
      return isTaken(data) && payments.refund(subject);
    case "refund_refused":
    case "refund_stuck":
      return payments.refund(subject);
    case "double_payment":
    case "paid_after_cancel":
    case "amount_mismatch":
    case "unknown_transaction":
      // Money that is on no payment is given back in the cabinet.
      return paymeId !== null && mock.receipt(paymeId) && mock.cancel(paymeId);
    case "hold_expiring":
      return payments.capture(subject, { settleMs: 0 });
    default:
      return undefined;
  }
}

/** False: Payme was refused, and gives the money back. */
export function isTaken(data: unknown): boolean {
  return Reflect.get(Object(data), "money") === "taken";
}

/** Refunds what was paid and could not be given. */
export async function refundUnfulfilled<Tx>(payments: Payments<Tx>, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const payment = await payments.find(id);
    if (payment?.status === "PAID" && payment.unfulfilled) await payments.refund(id);
  }
}
