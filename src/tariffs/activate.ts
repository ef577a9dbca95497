import { type PaymentRow, stackOf } from "../ledger";
import type { TariffsContext } from "./context";
import { readSnapshot, snapshotOf, type TariffSnapshot, tariffIdOf } from "./tariff";
import type { TariffVerbs } from "./tariff-store";
import { projectionAt, type TariffProjection, timetableOf } from "./timetable";

/**
 * Gives what a payment paid for, in its transaction. A tariff that was switched off or deleted meanwhile is given from the
 * payment's snapshot, and a user without a row gets one: money that came in never waits for a row to be repaired.
 */
export async function activate<Tx>(context: TariffsContext<Tx>, payment: PaymentRow, tx: Tx): Promise<true> {
  const { userId, updatedAt: settledAt } = payment;
  const verbs = context.store.using(tx);
  const bought = await boughtTariff(verbs, payment);
  // Everyone locks in one order, so no circle of waiting arises: the payment by its change, then the user, then the grant.
  await verbs.lockUser(userId);
  const added = await verbs.addGrant({ paymentId: payment.id, userId, settledAt, revokedAt: null, ...bought });
  if (added.outcome === "already_applied") return true;
  const { tariffId, expiresAt } = await project(verbs, userId, Math.max(context.now(), settledAt));
  await context.onActivated?.({ payment, userId, bought, tariffId, expiresAt }, tx);
  return true;
}

/** Takes back exactly what a payment gave, in the transaction of its refund. */
export async function takeBack<Tx>(context: TariffsContext<Tx>, payment: PaymentRow, tx: Tx): Promise<true> {
  const { id, userId, updatedAt } = payment;
  const verbs = context.store.using(tx);
  await verbs.lockUser(userId);
  await verbs.revokeGrant(id, updatedAt);
  await project(verbs, userId, Math.max(context.now(), updatedAt));
  return true;
}

/** Writes the projection of the user's grants at `now` into the user's row. The user must be locked. */
export async function project(verbs: TariffVerbs, userId: string, now: number): Promise<TariffProjection> {
  const projection = projectionAt(timetableOf(await verbs.listGrants(userId)), now);
  await verbs.saveProjection(userId, projection);
  return projection;
}

async function boughtTariff(verbs: TariffVerbs, payment: PaymentRow): Promise<TariffSnapshot> {
  const snapshot = readSnapshot(payment.data);
  if (snapshot !== undefined) return snapshot;
  const tariffId = tariffIdOf(payment);
  const tariff = tariffId === null ? undefined : await verbs.findTariff(tariffId);
  if (tariff !== undefined) return snapshotOf(tariff);
  throw new Error(`payment ${payment.id} names tariff ${tariffId}, and nothing says how long it lasts`);
}

/** Bounds of a sweep. */
export interface SweepOptions {
  /** The most users to look at. Default 100. */
  readonly limit?: number | undefined;
}

/** Results of a sweep. */
export interface SweepReport {
  /** Users whose row was brought up to date. */
  readonly updated: number;
  /** Users for whom it failed; they are due again, and the log says why. */
  readonly failed: number;
}

/** Brings the rows of users up to date whose tariff ended or gave way to the next one, a transaction each. */
export async function sweep<Tx>(context: TariffsContext<Tx>, { limit = 100 }: SweepOptions = {}): Promise<SweepReport> {
  const due = await context.store.usersDue({ now: context.now(), limit });
  let updated = 0;
  for (const userId of due) updated += Number(await sweepUser(context, userId));
  return { updated, failed: due.length - updated };
}

async function sweepUser<Tx>({ storage, store, now, logger }: TariffsContext<Tx>, userId: string): Promise<boolean> {
  try {
    await storage.transaction(async (tx) => {
      const verbs = store.using(tx);
      await verbs.lockUser(userId);
      await project(verbs, userId, now());
    });
    return true;
  } catch (error) {
    logger.error("a user's tariff could not be brought up to date", { userId, stack: stackOf(error) });
    return false;
  }
}
