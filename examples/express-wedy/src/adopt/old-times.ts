/** A time as a table wrote it: the digits read as UTC, and the offset where the text names one. In ms. */
export interface OldTime {
  readonly digits: number;
  readonly offset: number | undefined;
}

const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i;
const MINUTE_MS = 60_000;

/** Reads a time; undefined for what is none. What is finer than a millisecond is cut off. */
export function readTime(text: string): OldTime | undefined {
  const [, date, time, fraction = "", zone] = TIME.exec(text.trim()) ?? [];
  const digits = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}Z`);
  return Number.isNaN(digits) ? undefined : { digits, offset: zone === undefined ? undefined : offsetOf(zone) };
}

/** The ms that a clock is ahead of UTC: `UTC`, `Z`, `+05:00`, `+05`, `-0330`. */
export function offsetOf(zone: string): number {
  const [, sign, hours = "0", minutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
}

/** The name of a clock that is so many ms ahead of UTC. */
export function zoneOf(offset: number): string {
  if (offset === 0) return "UTC";
  const minutes = Math.abs(offset) / MINUTE_MS;
  const two = (value: number) => String(Math.trunc(value)).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** The moment of a time by the clock that wrote it, in ms; undefined for what is no time. */
export function momentOf(text: string, clock: string): number | undefined {
  const time = readTime(text);
  return time && time.digits - (time.offset ?? offsetOf(clock));
}

/** The text of a moment by the old clock. */
export function oldTimeText(ms: number, clock: string): string {
  return new Date(ms + offsetOf(clock))
    .toISOString()
    .slice(0, 23)
    .replace("T", " ")
    .replace(/\.000$/, "");
}
