import type { PaymentRow } from "../ledger";
import type { TariffsContext } from "./context";
import { projectionAt, type TariffProjection } from "./projection";
import { timetableOf } from "./rules";
import { readSnapshot, snapshotOf, type TariffSnapshot } from "./snapshot";
import type { TariffVerbs } from "./tariff-store";

/**
 * Gives what a payment paid for, in its transaction. A tariff that was switched off or deleted meanwhile is given from
 * the payment's snapshot, and a user without a row gets one: money that came in never waits for a mended row.
 */
export async function activate<Tx>(context: TariffsContext<Tx>, payment: PaymentRow, tx: Tx): Promise<void> {
  if (!buysTariff(payment)) return;
  const { userId, updatedAt: settledAt } = payment;
  const verbs = context.store.using(tx);
  const bought = await boughtTariff(verbs, payment);
  // The payment is locked by its change, then the user, then the grant: one order for all, so nobody waits in a circle.
  await verbs.lockUser(userId);
  const added = await verbs.addGrant({ ...bought, paymentId: payment.id, userId, settledAt, revokedAt: null });
  if (added.outcome === "already_applied") return;
  const { tariffId, expiresAt } = await project(verbs, userId, Math.max(context.now(), settledAt));
  await context.onActivated?.({ payment, userId, bought, tariffId, expiresAt }, tx);
}

/** Takes back exactly what a payment gave, in the transaction of its refund. */
export async function takeBack<Tx>(context: TariffsContext<Tx>, payment: PaymentRow, tx: Tx): Promise<void> {
  if (!buysTariff(payment)) return;
  const verbs = context.store.using(tx);
  await verbs.lockUser(payment.userId);
  await verbs.revokeGrant(payment.id, payment.updatedAt);
  await project(verbs, payment.userId, Math.max(context.now(), payment.updatedAt));
}

/** Writes what the user's grants come to at `now` into the user's row. The user must be locked. */
export async function project(verbs: TariffVerbs, userId: string, now: number): Promise<TariffProjection> {
  const projection = projectionAt(timetableOf(await verbs.listGrants(userId)), now);
  await verbs.saveProjection(userId, projection);
  return projection;
}

/** A payment for something else may have been made through the same payments: it is none of ours. */
function buysTariff(payment: PaymentRow): boolean {
  return payment.tariffId !== null && payment.userId !== "";
}

async function boughtTariff(verbs: TariffVerbs, payment: PaymentRow): Promise<TariffSnapshot> {
  const snapshot = readSnapshot(payment.data);
  if (snapshot !== undefined) return snapshot;
  const tariff = payment.tariffId === null ? undefined : await verbs.findTariff(payment.tariffId);
  if (tariff !== undefined) return snapshotOf(tariff);
  throw new Error(`payment ${payment.id} names tariff ${payment.tariffId}, and nothing says how long it lasts`);
}
