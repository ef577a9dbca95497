import { type PaymentRow, recordIncident, rowAfter } from "../ledger";
import { ReceiptState } from "../protocol/states";
import { type ClientContext, HOLD_EXPIRING_MS, HOLD_MS, nextCheckAt, type PaymentsContext } from "./context";
import { wasTold } from "./was-told";

/** True for an unpaid payment whose money was held: only Payme ends it, and no clock of ours. */
export function isHold({ status, heldAt }: PaymentRow): boolean {
  return heldAt !== null && (status === "PENDING" || status === "FAILED");
}

/** True for a receipt whose money is held, or may be in the middle of a hold: what is to be ended by us only on a wish. */
export function mayBeHeld({ hold, heldAt }: PaymentRow, state: number): boolean {
  if (state === ReceiptState.CREATED) return false;
  return hold || heldAt !== null || state === ReceiptState.HELD || state === ReceiptState.HOLDING;
}

/** Records that Payme holds the money. Three days before the bank ends the hold, a person is told, once. */
export async function followHold<Tx>(context: ClientContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  const heldAt = payment.heldAt ?? (await heldSince(context, payment));
  const { scope, storage, now } = context;
  const held = await storage.scheduleCheck(scope, payment.id, {
    at: now(),
    nextCheckAt: nextCheckAt(context, { ...payment, heldAt }, payment.checks + 1),
    held: true,
    heldAt,
  });
  const row = rowAfter(held, payment);
  if (isHold(row) && now() >= heldAt + HOLD_EXPIRING_MS) await tellExpiring(context, row, heldAt);
  return row;
}

/** A held receipt carries the time of its hold: Payme moves `create_time` when the payment starts. */
async function heldSince<Tx>({ client, now }: ClientContext<Tx>, { transactionId }: PaymentRow): Promise<number> {
  const receipt = transactionId === null ? undefined : await client.receipts.get(transactionId);
  const isHeld = receipt?.state === ReceiptState.HELD;
  return Math.min(isHeld && receipt.create_time ? receipt.create_time : now(), now());
}

async function tellExpiring<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow, heldAt: number): Promise<void> {
  const { scope, now } = context;
  const { id: subject, transactionId, amount } = payment;
  const [kind, paymeId] = ["hold_expiring", transactionId ?? subject] as const;
  if (await wasTold(context, payment, paymeId, [kind])) return;
  const data = { amount, heldAt, endsAt: heldAt + HOLD_MS };
  await recordIncident(context, { ...scope, kind, subject, paymeId, at: now(), data });
}
