import type { Grant } from "./grant";

/** A day of a tariff: 24 hours, whatever the clocks of a country do. */
export const DAY_MS = 86_400_000;

/** A stretch of time in which one grant runs: `from` is in it, `until` is not. */
export interface TariffPeriod {
  readonly grant: Grant;
  readonly from: number;
  readonly until: number;
}

/** Which tariff runs when: ascending, without overlaps. A grant that was interrupted has several segments. */
export type Timetable = readonly TariffPeriod[];

/**
 * The timetable that a user's grants make. A pure function of the set: in whatever order grants were written, and
 * whatever was taken back in between, the same standing grants make the same timetable.
 *
 * Grants are taken in order of (`settledAt`, `paymentId`). When one is settled and
 * - nothing runs, it starts at once;
 * - the same tariff runs, it follows at the end of that tariff's unbroken chain, whatever its price is by now;
 * - something cheaper or of equal price runs, it starts at once, and what was left of that resumes after it;
 * - something dearer runs, it follows after all that stands.
 *
 * No time is ever lost: the segments of a grant add up to its days.
 */
export function timetableOf(grants: readonly Grant[]): Timetable {
  const past: TariffPeriod[] = [];
  let ahead: Stretch[] = [];
  let clock = Number.NEGATIVE_INFINITY;
  for (const grant of [...grants].sort(bySettling)) {
    const rest = lived(ahead, clock, grant.settledAt, past);
    ahead = placed(rest, { grant, ms: grant.durationDays * DAY_MS });
    clock = grant.settledAt;
  }
  lived(ahead, clock, Number.POSITIVE_INFINITY, past);
  return past;
}

/** Some time of a grant that is still to come; what is ahead follows without gaps from the moment that is looked at. */
interface Stretch {
  readonly grant: Grant;
  readonly ms: number;
}

/** Writes what runs from `from` to `until` into `past`, and returns what is left. */
function lived(ahead: readonly Stretch[], from: number, until: number, past: TariffPeriod[]): Stretch[] {
  let at = from;
  for (const [index, { grant, ms }] of ahead.entries()) {
    const end = Math.min(at + ms, until);
    if (end > at) append(past, { grant, from: at, until: end });
    if (at + ms > until) return [{ grant, ms: at + ms - end }, ...ahead.slice(index + 1)];
    at = end;
  }
  return [];
}

/** Time that only a purchase looked into, without interrupting it, stays one segment. */
function append(past: TariffPeriod[], segment: TariffPeriod): void {
  const last = past.at(-1);
  const goesOn = last?.grant === segment.grant && last.until === segment.from;
  if (goesOn) past[past.length - 1] = { ...segment, from: last.from };
  else past.push(segment);
}

function placed(ahead: readonly Stretch[], added: Stretch): Stretch[] {
  const running = ahead[0]?.grant;
  if (running === undefined) return [added];
  if (running.tariffId !== added.grant.tariffId) {
    return added.grant.price >= running.price ? [added, ...ahead] : [...ahead, added];
  }
  const broken = ahead.findIndex(({ grant }) => grant.tariffId !== running.tariffId);
  const chainEnd = broken === -1 ? ahead.length : broken;
  return [...ahead.slice(0, chainEnd), added, ...ahead.slice(chainEnd)];
}

/** Code units, not a locale's order: it must be the same on every machine. */
function bySettling(a: Grant, b: Grant): number {
  if (a.settledAt !== b.settledAt) return a.settledAt - b.settledAt;
  return a.paymentId < b.paymentId ? -1 : Number(a.paymentId > b.paymentId);
}
