import type { Grant } from "./grant";
import type { TariffPeriod, Timetable } from "./rules";

/** What a user has at a moment; what the `user` table shows. Times in ms. */
export interface TariffProjection {
  /** The tariff that runs; null when none does. */
  readonly tariffId: number | null;
  /** The end of its unbroken run, several payments together; null when nothing runs. */
  readonly expiresAt: number | null;
  /** When this projection stops being true; null: never, nothing is to come. */
  readonly nextChangeAt: number | null;
}

/** The segment that runs at a moment. */
export function runningAt(timetable: Timetable, now: number): TariffPeriod | undefined {
  return timetable.find(({ from, until }) => from <= now && now < until);
}

/**
 * What the user has at `now`.
 *
 * `expiresAt` is the moment at which this tariff stops or gives way to another one: after 16 payments of one tariff it
 * is 16 durations away; a tariff that waits behind it has its own end, shown once it runs.
 */
export function projectionAt(timetable: Timetable, now: number): TariffProjection {
  const index = timetable.findIndex(({ from, until }) => from <= now && now < until);
  const running = timetable[index];
  if (running === undefined) {
    const next = timetable.find(({ from }) => from > now);
    return { tariffId: null, expiresAt: null, nextChangeAt: next?.from ?? null };
  }
  let expiresAt = running.until;
  for (const { grant, from, until } of timetable.slice(index + 1)) {
    if (grant.tariffId !== running.grant.tariffId || from !== expiresAt) break;
    expiresAt = until;
  }
  return { tariffId: running.grant.tariffId, expiresAt, nextChangeAt: expiresAt };
}

/**
 * The grant that forbids buying this tariff now, because it runs and is dearer; undefined where buying is fine. The same
 * tariff can always be bought: it extends, also after its price fell.
 */
export function dearerRunning(
  timetable: Timetable,
  wanted: { readonly id: number; readonly price: number },
  now: number,
): Grant | undefined {
  const running = runningAt(timetable, now)?.grant;
  return running !== undefined && running.tariffId !== wanted.id && running.price > wanted.price ? running : undefined;
}
