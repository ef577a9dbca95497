import type { TariffsContext } from "./context";
import type { Grant } from "./grant";
import { projectionAt, runningAt } from "./projection";
import { type TariffPeriod, timetableOf } from "./rules";
import type { Tariff } from "./tariff";

/** What a user has now. Times in ms. */
export interface CurrentTariff {
  readonly userId: string;
  /** The tariff that runs; null when none does. */
  readonly tariffId: number | null;
  /** When it stops, or gives way to another one. */
  readonly expiresAt: number | null;
  /** As it is sold today; as it was bought where its row is gone. */
  readonly tariff: Tariff | null;
  /** What runs and what follows, ascending. */
  readonly timetable: readonly TariffPeriod[];
}

/** Computed from the grants on each read: right at every moment, whenever a sweep last ran. */
export async function currentTariff<Tx>(context: TariffsContext<Tx>, userId: string): Promise<CurrentTariff> {
  const now = context.now();
  const timetable = timetableOf(await context.store.listGrants(userId));
  const { tariffId, expiresAt } = projectionAt(timetable, now);
  const running = runningAt(timetable, now)?.grant;
  const tariff = running === undefined ? null : await tariffOf(context, running);
  return { userId, tariffId, expiresAt, tariff, timetable: timetable.filter(({ until }) => until > now) };
}

async function tariffOf<Tx>(context: TariffsContext<Tx>, grant: Grant): Promise<Tariff> {
  const { tariffId: id, name, price, durationDays } = grant;
  return (await context.store.findTariff(id)) ?? { id, name, price, durationDays, isActive: false };
}
