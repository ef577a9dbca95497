import type { Payments } from "../../src/entry";
import type { EventRow } from "../../src/ledger";
import type { MockCore } from "../../src/testing/mock/mock-core";

/** Who resolves incidents, when it is not the library. */
export const PERSON = "a person";

/** The note of money that was accepted: it has to be given for from then on. */
export const ACCEPTED = "accepted";

/** Looks at an open incident, does one of the things that it asks for or nothing, and closes it. What is refused stays open. */
export async function lookAt<Tx>(
  payments: Payments<Tx>,
  mock: Pick<MockCore, "cancel" | "receipt">,
  incident: EventRow,
  which: number,
): Promise<void> {
  const { id, kind, subject, paymeId } = incident;
  const way = which % 3;
  if (way === 1 && ACCEPTABLE.includes(kind)) {
    const named = mock.receipt(paymeId ?? "")?.account.find(({ name }) => name === "order_id")?.value;
    const paymentId = kind === "unknown_transaction" ? String(named ?? "") : subject;
    await payments.accept(id, { by: PERSON, note: ACCEPTED, paymentId });
    return;
  }
  if (way > 0) await putRight(payments, mock, incident);
  await payments.incidents.resolve(id, { by: PERSON, note: way > 0 ? "put right" : "seen" });
}

const ACCEPTABLE = ["paid_after_cancel", "amount_mismatch", "unknown_transaction"];

async function putRight<Tx>(
  payments: Payments<Tx>,
  mock: Pick<MockCore, "cancel" | "receipt">,
  { kind, subject, paymeId, data }: EventRow,
): Promise<unknown> {
  switch (kind) {
    case "paid_elsewhere":
      return isTaken(data) && payments.refund(subject);
    case "refund_refused":
    case "refund_stuck": {
      // What is stuck may be another receipt than the one that paid.
      const payment = await payments.find(subject);
      return payment !== undefined && payment.paidBy === paymeId && payments.refund(subject);
    }
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
