const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long after the first, second, … question Payme is asked again; the last one repeats. */
const DELAYS_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS] as const;

/** After this long unpaid, a payment's receipt is cancelled. */
export const DEFAULT_PENDING_TTL_MS = 24 * HOUR_MS;

/** How long a worker has for a payment that it claimed, before another may take it. */
export const CHECK_LEASE_MS = 2 * MINUTE_MS;

/** Far longer than Payme is given to answer: whoever is still making a payment then has died on the way. */
export const ABANDONED_AFTER_MS = 2 * MINUTE_MS;

/** When to ask next about a payment that was asked about `checks` times; at its end of life at the latest. */
export function nextCheckAt(now: number, checks: number, endsAt: number): number {
  const delay = DELAYS_MS[Math.min(checks, DELAYS_MS.length - 1)] ?? 6 * HOUR_MS;
  return endsAt > now ? Math.min(now + delay, endsAt) : now + delay;
}
