import type { DeclineReason } from "../client/pay";
import { atHour, DAY_MS } from "../kit/calendar";
import type { RetryPolicy } from "./context";
import type { PeriodRow } from "./rows";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The most pays of a period that may have reached Payme. */
export const MAX_PAYS = 8;
/** So often a charge whose end stays unknown is tried again with the same receipt. */
const MAX_REPAYS = 3;
/** Two tries that a clock starts are at least so far apart. */
const BETWEEN_TRIES_MS = 12 * HOUR_MS;
/** When to ask about a charge whose end is not known, and when to try again what never reached Payme, counted from then. */
const ASK_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS];

/** A subscription whose first period is not paid by then has not begun. */
export const INCOMPLETE_MS = DAY_MS;

/** Payme's codes of a token that pays no more: it is unknown, or its form is wrong. */
const DEAD_CODES: readonly string[] = ["-31400", "-32500"];

/** A decline, and what Payme said. */
export interface Decline {
  readonly reason: DeclineReason;
  readonly code: string | null;
}

/** What becomes of a period after a decline. */
export interface Verdict {
  readonly period: PeriodRow;
  /** `spare`: another card of the owner is tried at once, where there is one. */
  readonly card: "keep" | "spare" | "dead";
  /** The cashbox is at fault: a person is told. */
  readonly isOurs: boolean;
}

/** The end of a grace that begins now; one that was begun before goes on: another card does not prolong it. */
export function graceFrom({ graceUntil }: Pick<PeriodRow, "graceUntil">, now: number, graceMs: number): number {
  return graceUntil !== null && graceUntil > now ? graceUntil : now + graceMs;
}

/** What follows a decline, by its reason. The grace never ends earlier than was said before. */
export function afterDecline(
  period: PeriodRow,
  { reason, code }: Decline,
  { now, retry, graceMs }: { now: number; retry: RetryPolicy; graceMs: number },
): Verdict {
  const told: PeriodRow = { ...period, state: "RETRY", reason, code, nextAt: null, updatedAt: now };
  const until = (at: number) => Math.max(period.graceUntil ?? 0, at + graceMs);
  const nextDay = () => tryAt(atHour(now, 1, retry.atHour), now);
  if (reason === "funds") {
    const firstTriedAt = period.firstTriedAt ?? now;
    const days = retry.funds.map((day) => atHour(firstTriedAt, day, retry.atHour));
    const nextAt = days[period.fundsDeclines] === undefined ? null : tryAt(days[period.fundsDeclines] ?? now, now);
    // A try that is not in the table is that of another card.
    const isExtra = period.fundsDeclines > days.length;
    const lastTry = Math.max(nextAt ?? now, days.at(-1) ?? now);
    const graceUntil = isExtra ? graceFrom(period, now, graceMs) : until(lastTry);
    return verdict({ ...told, fundsDeclines: period.fundsDeclines + 1, nextAt, graceUntil });
  }
  if (reason === "merchant") {
    const nextAt = nextDay();
    return verdict({ ...told, nextAt, graceUntil: until(nextAt) }, "keep", true);
  }
  const isDead = reason === "card" && DEAD_CODES.includes(code ?? "");
  // Once more on the next day: a bank may refuse what it takes tomorrow.
  if (reason !== "otp" && !isDead && period.otherDeclines === 0) {
    const nextAt = nextDay();
    return verdict({ ...told, otherDeclines: 1, nextAt, graceUntil: until(nextAt) });
  }
  const needsCard: PeriodRow = { ...told, state: "NEEDS_CARD", otherDeclines: period.otherDeclines + 1 };
  return verdict({ ...needsCard, graceUntil: graceFrom(period, now, graceMs) }, isDead ? "dead" : "spare");
}

function verdict(period: PeriodRow, card: Verdict["card"] = "keep", isOurs = false): Verdict {
  const isOver = period.pays >= MAX_PAYS && period.nextAt !== null;
  return { period: isOver ? { ...period, nextAt: null } : period, card, isOurs };
}

function tryAt(at: number, now: number): number {
  return Math.max(at, now + BETWEEN_TRIES_MS);
}

/** True once a period could not be sent for about a day: a person is told. */
export function isUnsentForLong({ unsent }: Pick<PeriodRow, "unsent">): boolean {
  return unsent === ASK_MS.length + 3;
}

/** What never reached Payme is tried again with the same receipt. Access stays: it is not the owner's fault. */
export function afterUnsent(period: PeriodRow, reason: string, now: number, graceMs: number): PeriodRow {
  const nextAt = now + (ASK_MS[period.unsent] ?? 6 * HOUR_MS);
  const graceUntil = Math.max(period.graceUntil ?? 0, nextAt + graceMs);
  return {
    ...period,
    state: "RETRY",
    unsent: period.unsent + 1,
    reason,
    code: null,
    nextAt,
    graceUntil,
    updatedAt: now,
  };
}

/** The end of a charge is not known: Payme is asked, and after a day it is charged again with the same receipt. */
export function afterUnknown(period: PeriodRow, now: number): PeriodRow {
  const repays = period.unknownAt === null ? 0 : period.repays + 1;
  const unknown: PeriodRow = { ...period, state: "UNKNOWN", reason: "unknown", code: null, unknownAt: now, repays };
  return { ...unknown, nextAt: nextAsk(unknown, now), updatedAt: now };
}

/** When to look next at a period whose charge has no known end. */
export function nextAsk(period: PeriodRow, now: number): number {
  const since = period.unknownAt ?? now;
  const asked = ASK_MS.map((ms) => since + ms).find((at) => at > now);
  if (asked !== undefined) return asked;
  return mayRepay(period) && now < since + DAY_MS ? since + DAY_MS : now + DAY_MS;
}

/** False where a charge whose end is not known was tried again as often as it may be: a person has to look. */
export function mayRepay({ repays, pays }: PeriodRow): boolean {
  return repays < MAX_REPAYS && pays < MAX_PAYS;
}

/** True where a charge whose end is not known is to be tried again. */
export function isRepaid(period: PeriodRow, now: number): boolean {
  return period.unknownAt !== null && now >= period.unknownAt + DAY_MS && mayRepay(period);
}

/** When to look at a period next. A grace that is over calls for nobody while something else is waited for. */
export function nextLook({ nextAt, graceUntil }: PeriodRow, now: number): number | null {
  if (nextAt === null || graceUntil === null) return nextAt ?? graceUntil;
  return graceUntil <= now ? nextAt : Math.min(nextAt, graceUntil);
}
