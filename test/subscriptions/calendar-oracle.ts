const LOCAL = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Tashkent",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** The date and the time of a moment, as a clock in Tashkent shows them. */
export function localParts(at: number) {
  const parts = new Map(LOCAL.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? Number.NaN;
  return {
    year: part("year"),
    month: part("month"),
    day: part("day"),
    time: [part("hour"), part("minute"), part("second")].join(":"),
  };
}

/** The days of each month; February by the rule of the calendar. */
function lastDay(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? Number.NaN;
}

/** The date, and the time on the clock, so many months after a moment, as a person counts them on a calendar. */
export function monthsLater(at: number, months: number) {
  const from = localParts(at);
  let { year, month } = from;
  for (let left = months; left > 0; left -= 1) {
    month += 1;
    if (month === 13) [year, month] = [year + 1, 1];
  }
  return { year, month, day: Math.min(from.day, lastDay(year, month)), time: from.time };
}
