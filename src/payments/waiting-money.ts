import { PaymeEffectError } from "../kit/errors";
import { type PaymentRow, tellWritten, writeEvents } from "../ledger";
import type { PaymentsContext } from "./context";
import type { Fulfiller } from "./fulfiller";
import { askAgain, lockPayment, type Notice } from "./note-notification";

/** How long money may wait for a process that fulfils its kind, before a person is told. */
export const TELL_AFTER_MS = 10 * 60_000;

/** The fulfiller of a payment, before anything is sent. @throws PaymeEffectError `NO_FULFILLER` */
export function requireFulfiller<Tx>({ fulfillers }: PaymentsContext<Tx>, kind: string): Fulfiller<Tx> {
  const fulfiller = fulfillers.get(kind);
  if (fulfiller === undefined) throw noFulfiller(kind);
  return fulfiller;
}

/** Money that came for a payment, or went back. */
export interface MovedMoney {
  readonly payment: PaymentRow;
  readonly paymeId: string;
  readonly moved: "paid" | "refunded";
  readonly report: Notice;
}

/**
 * The fulfiller of a payment whose money moved. Where this process has none, nothing is recorded but that it waits.
 *
 * @throws PaymeEffectError `NO_FULFILLER`: the sender is to repeat.
 */
export async function fulfillerOf<Tx>(context: PaymentsContext<Tx>, money: MovedMoney): Promise<Fulfiller<Tx>> {
  const fulfiller = context.fulfillers.get(money.payment.kind);
  if (fulfiller !== undefined) return fulfiller;
  await reportWaiting(context, money);
  const { scope, storage, now } = context;
  // Due at once for the process that can fulfil it: its `reconcile` takes it.
  const { id, kind, held } = money.payment;
  await storage.scheduleCheck(scope, id, { at: now(), nextCheckAt: now(), held });
  await askAgain(context, money.payment);
  throw noFulfiller(kind);
}

/**
 * Keeps the notification, and notes in the story that money waits for its fulfiller. After ten minutes it is an incident.
 * Nothing is noted where another process has booked it meanwhile.
 */
export async function reportWaiting<Tx>(context: PaymentsContext<Tx>, money: MovedMoney): Promise<void> {
  const { scope, storage, now, logger } = context;
  const { payment, paymeId, moved, report } = money;
  const { id: subject, kind: paidFor } = payment;
  const at = now();
  logger.warn("this process does not fulfil the kind of a payment: another one must", {
    payment_id: subject,
    transaction_id: paymeId,
    kind: paidFor,
  });
  const kind = `payment.${moved}_waiting`;
  const data = { kind: paidFor };
  const written = await storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    const row = await lockPayment(context, verbs, subject, report);
    if (row === undefined || isBooked(row, money)) return [];
    const [first] = await verbs.listEvents(scope, { subject, kinds: [kind], limit: 1 });
    if (first === undefined) return writeEvents(context, verbs, [{ ...scope, kind, subject, paymeId, at, data }]);
    if (at - first.at < TELL_AFTER_MS) return [];
    const incident = { ...scope, kind: "no_fulfiller", subject, paymeId, at, data: { ...data, moved } } as const;
    return writeEvents(context, verbs, [incident]);
  });
  tellWritten(context, written);
}

function isBooked({ paidBy, status }: PaymentRow, { paymeId, moved }: MovedMoney): boolean {
  return moved === "paid" ? paidBy === paymeId : status !== "PAID";
}

function noFulfiller(kind: string): PaymeEffectError {
  return new PaymeEffectError(`nothing here fulfils payments of the kind ${kind}`, {
    code: "NO_FULFILLER",
    hint: `Do this in the process that has the hooks: createPayments({ onPaid }) for orders, register("${kind}", …) for others.`,
  });
}

/** True for the error of money that waits for its fulfiller. */
export function isWaiting(error: unknown): boolean {
  return error instanceof PaymeEffectError && error.code === "NO_FULFILLER";
}
