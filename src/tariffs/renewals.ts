import { DAY_MS } from "../kit/calendar";
import { isRecord } from "../kit/json";
import { project } from "./activate";
import type { TariffsContext } from "./context";
import { isTariffId, readSnapshot, snapshotOf } from "./tariff";
import type { TariffVerbs } from "./tariff-store";

/** The part of a subscription, and of its period, that a tariff needs. */
export interface RenewedSubscription {
  readonly owner: string;
  readonly plan: string;
  readonly data: unknown;
}

/** A paid period: from when to when, in ms, and by which payment. */
export interface RenewedPeriod {
  readonly start: number;
  readonly end: number;
  readonly paymentId: string | null;
}

/** Hooks of `createSubscriptions` under which each paid period gives a tariff. */
export interface TariffRenewals<Tx> {
  onRenewed(subscription: RenewedSubscription, period: RenewedPeriod, tx: Tx): Promise<void>;
  onRefunded(subscription: RenewedSubscription, period: RenewedPeriod, tx: Tx): Promise<void>;
}

/** The plan of a subscription to a tariff. */
export function planOfTariff(tariffId: number): string {
  return `tariff:${tariffId}`;
}

/** The tariff of a plan; null where it names none. */
export function tariffIdOfPlan(plan: string): number | null {
  const id = Number(/^tariff:(\d{1,10})$/.exec(plan)?.[1] ?? 0);
  return isTariffId(id) ? id : null;
}

/** A period gives its tariff from its start to its end, once, and a refund takes it back. */
export function renewals<Tx>({ store, now }: TariffsContext<Tx>): TariffRenewals<Tx> {
  return {
    async onRenewed({ owner, plan, data }, { start, end, paymentId }, tx) {
      if (paymentId === null) return;
      const verbs = store.using(tx);
      const tariff = await tariffOf(verbs, plan, data);
      await verbs.lockUser(owner);
      // From the period's start: a late payment moves no end, and what was bought beside it follows.
      const period = {
        durationDays: Math.round((end - start) / DAY_MS),
        durationMonths: undefined,
        durationMs: end - start,
      };
      await verbs.addGrant({ ...tariff, ...period, paymentId, userId: owner, settledAt: start, revokedAt: null });
      await project(verbs, owner, now());
    },
    async onRefunded({ owner }, { paymentId }, tx) {
      if (paymentId === null) return;
      const verbs = store.using(tx);
      await verbs.lockUser(owner);
      await verbs.revokeGrant(paymentId, now());
      await project(verbs, owner, now());
    },
  };
}

/** The tariff of a plan, as it is sold now; where its row is gone, as the subscription's `data` has it (`tariffData`). */
async function tariffOf(verbs: TariffVerbs, plan: string, data: unknown) {
  const id = tariffIdOfPlan(plan);
  const tariff = id === null ? undefined : await verbs.findTariff(id);
  const snapshot = tariff === undefined ? readSnapshot(isRecord(data) ? data : undefined) : snapshotOf(tariff);
  if (snapshot !== undefined) return snapshot;
  throw new Error(`the plan ${JSON.stringify(plan)} names no tariff: use planOfTariff(tariff.id)`);
}
