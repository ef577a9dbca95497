/** A day: always 24 hours, also where clocks change. */
export const DAY_MS = 86_400_000;

/** Tashkent's clocks are five hours ahead of UTC, summer and winter. */
export const TASHKENT_MS = 5 * 3_600_000;

/** The same time of the day in Tashkent, months later; the last day of a month that is too short. */
export function addMonths(from: number, months: number): number {
  const local = from + TASHKENT_MS;
  const date = new Date(local);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const day = Math.min(date.getUTCDate(), new Date(Date.UTC(year, month + 1, 0)).getUTCDate());
  return Date.UTC(year, month, day) + (local % DAY_MS) - TASHKENT_MS;
}

/** A full hour in Tashkent, so many days after the day of a moment. */
export function atHour(moment: number, days: number, hour: number): number {
  const day = Math.floor((moment + TASHKENT_MS) / DAY_MS) + days;
  return day * DAY_MS + hour * 3_600_000 - TASHKENT_MS;
}
