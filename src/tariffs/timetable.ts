import { addMonths, DAY_MS } from "../kit/calendar";
import type { Tariff, TariffSnapshot } from "./tariff";

/** A tariff that a paid payment or a person gave a user, as it was then. */
export interface Grant extends TariffSnapshot {
  /** The payment that gave it, or the name of a person's gift; each gives one grant, once. */
  readonly paymentId: string;
  /** How long it lasts, where a person gave it until a moment. */
  readonly durationMs?: number | undefined;
  /** When our books settled the payment, in ms. Not Payme's `paid_at`: the user loses no time. */
  readonly settledAt: number;
}

/** A grant as it is kept. */
export interface GrantRow extends Grant {
  readonly userId: string;
  /** When a refund took it back, in ms; null: never. */
  readonly revokedAt: number | null;
}

/** A period in which one grant runs: `from` is in it, `until` is not. */
export interface TariffPeriod {
  readonly grant: Grant;
  readonly from: number;
  readonly until: number;
}

/** Which tariff runs when: ascending, without overlaps. An interrupted grant has several periods. */
export type Timetable = readonly TariffPeriod[];

/**
 * The timetable of a user's grants. It depends on the set alone: the same standing grants make the same timetable, in
 * whatever order they were written, and whatever was taken back in between.
 *
 * Grants are taken in order of (`settledAt`, `paymentId`). When one is settled and
 * - nothing runs, it starts at once;
 * - the same tariff runs, it follows at the end of that tariff's unbroken chain, whatever its price is by now;
 * - something cheaper or of equal price runs, it starts at once, and what was left of that resumes after it;
 * - something dearer runs, it follows after everything else.
 *
 * No time is ever lost: the periods of a grant add up to its days, or to its months from where it was to start when it was settled.
 */
export function timetableOf(grants: readonly Grant[]): Timetable {
  const past: TariffPeriod[] = [];
  let ahead: Stretch[] = [];
  let clock = Number.NEGATIVE_INFINITY;
  for (const grant of [...grants].sort(bySettling)) {
    const rest = lived(ahead, clock, grant.settledAt, past);
    ahead = placed(rest, grant);
    clock = grant.settledAt;
  }
  lived(ahead, clock, Number.POSITIVE_INFINITY, past);
  return past;
}

/** Time of a grant that is still to come. Stretches follow each other without gaps, from the moment looked at. */
interface Stretch {
  readonly grant: Grant;
  readonly ms: number;
  /** Of months: from when they are counted in this chain, and how many there are. So the 31st comes back after February. */
  readonly months?: { readonly from: number; readonly count: number } | undefined;
}

/** Writes what runs from `from` to `until` into `past`, and returns what is left. */
function lived(ahead: readonly Stretch[], from: number, until: number, past: TariffPeriod[]): Stretch[] {
  let at = from;
  for (const [index, stretch] of ahead.entries()) {
    const { grant, ms } = stretch;
    const end = Math.min(at + ms, until);
    if (end > at) append(past, { grant, from: at, until: end });
    if (at + ms > until) return [{ ...stretch, ms: at + ms - end }, ...ahead.slice(index + 1)];
    at = end;
  }
  return [];
}

/** A purchase that interrupts nothing splits no period. */
function append(past: TariffPeriod[], period: TariffPeriod): void {
  const last = past.at(-1);
  const goesOn = last?.grant === period.grant && last.until === period.from;
  if (goesOn) past[past.length - 1] = { ...period, from: last.from };
  else past.push(period);
}

function placed(ahead: readonly Stretch[], grant: Grant): Stretch[] {
  const index = placeOf(ahead, grant);
  const before = ahead.slice(0, index);
  const start = before.reduce((at, { ms }) => at + ms, grant.settledAt);
  return [...before, stretchOf(grant, start, before.at(-1)), ...ahead.slice(index)];
}

function placeOf(ahead: readonly Stretch[], added: Grant): number {
  const running = ahead[0]?.grant;
  if (running === undefined) return 0;
  if (running.tariffId !== added.tariffId) return added.price >= running.price ? 0 : ahead.length;
  const broken = ahead.findIndex(({ grant }) => grant.tariffId !== running.tariffId);
  return broken === -1 ? ahead.length : broken;
}

function stretchOf(grant: Grant, start: number, before: Stretch | undefined): Stretch {
  const { durationMonths, durationMs = grant.durationDays * DAY_MS } = grant;
  if (durationMonths === undefined || grant.durationMs !== undefined) return { grant, ms: durationMs };
  const earlier = before?.grant.tariffId === grant.tariffId ? before.months : undefined;
  const isChain = earlier !== undefined && addMonths(earlier.from, earlier.count) === start;
  const months = isChain
    ? { ...earlier, count: earlier.count + durationMonths }
    : { from: start, count: durationMonths };
  return { grant, ms: addMonths(months.from, months.count) - start, months };
}

/** Code units, not a locale's order: it must be the same on every machine. */
function bySettling(a: Grant, b: Grant): number {
  if (a.settledAt !== b.settledAt) return a.settledAt - b.settledAt;
  return a.paymentId < b.paymentId ? -1 : Number(a.paymentId > b.paymentId);
}

/** The tariff of a user at a moment, as the `user` table shows it. Times in ms. */
export interface TariffProjection {
  /** The tariff that runs; null when none does. */
  readonly tariffId: number | null;
  /** The end of its unbroken run, over several payments; null when nothing runs. */
  readonly expiresAt: number | null;
  /** When this projection stops being true; null: nothing is to come. */
  readonly nextChangeAt: number | null;
}

/** The period that runs at a moment. */
export function runningAt(timetable: Timetable, now: number): TariffPeriod | undefined {
  return timetable.find(({ from, until }) => from <= now && now < until);
}

/**
 * The projection at `now`. `expiresAt` is when this tariff stops or gives way to another one: after 16 payments of one
 * tariff it is 16 durations away. A tariff that waits behind it has its own end, shown once it runs.
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
 * The dearer grant that runs and forbids buying this tariff now; undefined where buying is fine. The same tariff can always
 * be bought: it extends, also after its price fell.
 */
export function dearerRunning(
  timetable: Timetable,
  wanted: Pick<Tariff, "id" | "price">,
  now: number,
): Grant | undefined {
  const running = runningAt(timetable, now)?.grant;
  return running !== undefined && running.tariffId !== wanted.id && running.price > wanted.price ? running : undefined;
}
