import type { OldPayment } from "./old-rows";
import { momentOf, readTime, zoneOf } from "./old-times";
import type { Finding } from "./plan-file";

const [SECOND_MS, MINUTE_MS] = [1_000, 60_000];
const HALF_HOUR_MS = 30 * MINUTE_MS;
/** A receipt is made at once with its payment. */
const NEAR_MS = 5 * MINUTE_MS;
const MOST_MS = 14 * 60 * MINUTE_MS;
/** Payme's ids begin with the second in which they were made. Before 2011 there was no Payme. */
const FIRST_ID_MS = Date.UTC(2011, 0);

/** The moment in an id of Payme; undefined where it has none. */
export function momentInId(id: string | null): number | undefined {
  if (id === null || !/^[0-9a-f]{24}$/i.test(id)) return undefined;
  const ms = Number.parseInt(id.slice(0, 8), 16) * SECOND_MS;
  return ms >= FIRST_ID_MS && ms <= Date.now() + MOST_MS ? ms : undefined;
}

/** Collects how far times are ahead of moments that are known, and says which clock that is. */
export function clockVotes(of: string) {
  const votes = new Map<number, { count: number; readonly example: string }>();
  let [unclear, naive] = [0, 0];
  return {
    /** A time and the moment that it should be. */
    look(example: string, text: string | null, moment: number | undefined): void {
      const time = text === null ? undefined : readTime(text);
      if (time === undefined || time.offset !== undefined) return;
      naive += 1;
      if (moment === undefined) return;
      const ahead = time.digits - moment;
      const offset = Math.round(ahead / HALF_HOUR_MS) * HALF_HOUR_MS;
      if (Math.abs(ahead - offset) > NEAR_MS || Math.abs(offset) > MOST_MS) {
        unclear += 1;
        return;
      }
      const vote = votes.get(offset) ?? { count: 0, example };
      vote.count += 1;
      votes.set(offset, vote);
    },
    verdict(): Finding<string> {
      if (naive === 0) return { is: "UTC", why: "no time without its own zone" };
      const seen = [...votes].map(([offset, { count, example }]) => `${count} say ${zoneOf(offset)} (${example})`);
      const why = `${of}: ${[...seen, `${unclear} say nothing clear`].join(", ")}`;
      const [first] = votes.keys();
      if (votes.size > 1) return { is: null, why: `${why}: they contradict each other` };
      return first === undefined ? { is: null, why: `${why}: no evidence` } : { is: zoneOf(first), why };
    },
  };
}

/** Checks a column of later times against `created_at`: the earliest after it is some seconds later, not hours. */
export function laterJudge(column: "paid_at" | "updated_at" | "webhook_received_at") {
  let least: { readonly gap: number; readonly example: string } | undefined;
  return {
    look(row: OldPayment): void {
      const [created, later] = [row.created_at, row[column]].map((text) =>
        text === null ? undefined : readTime(text),
      );
      if (created === undefined || later === undefined || later.offset !== undefined) return;
      const gap = later.digits - created.digits;
      if (least === undefined || gap < least.gap) least = { gap, example: row.id ?? "" };
    },
    verdict(created: Finding<string>): Finding<string> {
      if (least === undefined) return { is: "UTC", why: "no time without its own zone" };
      const why = `the earliest is ${Math.round(least.gap / SECOND_MS)} s after created_at (${least.example})`;
      const fits = least.gap >= -NEAR_MS && least.gap < 2 * HALF_HOUR_MS;
      if (!fits) return { is: null, why: `${why}: another clock, it seems` };
      return { is: created.is, why: `${why}: the same clock` };
    },
  };
}

/** The moment at which a tariff ends that was paid once, in ms. */
export function endOf(paidAt: string | null, clock: string | null, days: number): number | undefined {
  const paid = paidAt === null || clock === null ? undefined : momentOf(paidAt, clock);
  return paid && paid + days * 24 * 60 * MINUTE_MS;
}
