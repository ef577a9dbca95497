import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import {
  afterDecline,
  afterUnknown,
  afterUnsent,
  graceFrom,
  isRepaid,
  MAX_PAYS,
  mayRepay,
  nextAsk,
  nextLook,
} from "../../src/subscriptions/policy";
import type { PeriodRow } from "../../src/subscriptions/rows";
import { DAY, HOUR, MINUTE } from "./shop";

/** The boundary: 15 February 2026, 15:30 in Tashkent. */
const NOW = Date.UTC(2026, 1, 15, 10, 30);
/** 10 o'clock in Tashkent on a day of February. */
const ten = (day: number) => Date.UTC(2026, 1, day, 5);
const GRACE = 3 * DAY;
const retry = { funds: [1, 3, 5, 7], atHour: 10 };

const base: PeriodRow = {
  cashbox: "c",
  mode: "test",
  subscriptionId: "s",
  number: 2,
  start: NOW,
  end: NOW + 28 * DAY,
  amount: som(50_000),
  credit: som(0),
  state: "PAYING",
  k: 1,
  paymentId: "p",
  receiptId: "r",
  attempts: 1,
  pays: 1,
  fundsDeclines: 0,
  otherDeclines: 0,
  unsent: 0,
  unknownAt: null,
  repays: 0,
  firstTriedAt: NOW,
  nextAt: NOW,
  graceUntil: null,
  reason: null,
  code: null,
  paidAt: null,
  updatedAt: NOW - 1,
};

describe("a period that is declined for money", () => {
  it.each<[string, Partial<PeriodRow>, number, Partial<PeriodRow>]>([
    ["on its first try", {}, NOW, { fundsDeclines: 1, nextAt: ten(16), graceUntil: ten(22) + GRACE }],
    ["with no first try", { firstTriedAt: null }, NOW, { nextAt: ten(16), graceUntil: ten(22) + GRACE }],
    [
      "in the night: 12 hours later",
      {},
      ten(16) - 4 * HOUR,
      { nextAt: ten(16) + 8 * HOUR, graceUntil: ten(22) + GRACE },
    ],
    [
      "late on the last day but one: the grace follows the last try",
      { fundsDeclines: 3 },
      ten(22) + HOUR,
      { nextAt: ten(22) + 13 * HOUR, graceUntil: ten(22) + 13 * HOUR + GRACE },
    ],
    [
      "on its last try: the grace begins then",
      { fundsDeclines: 4, graceUntil: ten(24) },
      ten(22) + HOUR,
      { fundsDeclines: 5, nextAt: null, graceUntil: ten(22) + HOUR + GRACE },
    ],
    [
      "with one more card: the grace goes on",
      { fundsDeclines: 5, graceUntil: ten(24) },
      ten(22) + HOUR,
      { fundsDeclines: 6, nextAt: null, graceUntil: ten(24) },
    ],
    ["with a grace that was said: never an earlier one", { graceUntil: ten(28) }, NOW, { graceUntil: ten(28) }],
    ["before its last pay", { pays: MAX_PAYS - 1 }, NOW, { nextAt: ten(16) }],
    ["on its last pay", { pays: MAX_PAYS }, NOW, { nextAt: null, graceUntil: ten(22) + GRACE }],
  ])("%s", (_name, changes, now, expected) => {
    const verdict = afterDecline(
      { ...base, ...changes },
      { reason: "funds", code: "-31630" },
      { now, retry, graceMs: GRACE },
    );
    const told = { state: "RETRY", reason: "funds", code: "-31630", updatedAt: now };
    expect(verdict).toMatchObject({ card: "keep", isOurs: false, period: { ...told, ...expected } });
  });

  it("is not tried again where the shop gave no days: the grace begins at once", () => {
    const options = { now: NOW, retry: { ...retry, funds: [] }, graceMs: GRACE };
    const { period } = afterDecline(base, { reason: "funds", code: null }, options);
    expect(period).toMatchObject({ nextAt: null, graceUntil: NOW + GRACE });
  });
});

describe("a period that is declined otherwise", () => {
  const next = { state: "RETRY", nextAt: ten(16), graceUntil: ten(16) + GRACE };
  const needsCard = { state: "NEEDS_CARD", nextAt: null, graceUntil: NOW + GRACE };
  it.each([
    ["merchant", "-31601", {}, { card: "keep", isOurs: true, period: { ...next, otherDeclines: 0 } }],
    ["card", "-31640", {}, { card: "keep", isOurs: false, period: { ...next, otherDeclines: 1 } }],
    ["card", null, {}, { card: "keep", isOurs: false, period: { ...next, otherDeclines: 1 } }],
    ["limit", "-31400", {}, { card: "keep", isOurs: false, period: { ...next, otherDeclines: 1 } }],
    ["card", "-31400", {}, { card: "dead", isOurs: false, period: { ...needsCard, otherDeclines: 1 } }],
    ["card", "-32500", {}, { card: "dead", isOurs: false, period: { ...needsCard, otherDeclines: 1 } }],
    ["otp", "-31301", {}, { card: "spare", isOurs: false, period: { ...needsCard, otherDeclines: 1 } }],
    ["limit", "-31630", { otherDeclines: 1 }, { card: "spare", period: { ...needsCard, otherDeclines: 2 } }],
    ["card", "-31640", { otherDeclines: 1 }, { card: "spare", period: { ...needsCard, otherDeclines: 2 } }],
    ["otp", "-31301", { graceUntil: NOW + DAY }, { card: "spare", period: { ...needsCard, graceUntil: NOW + DAY } }],
    ["limit", null, { graceUntil: ten(28) }, { card: "keep", period: { ...next, graceUntil: ten(28) } }],
  ] as const)("%s %s of %j", (reason, code, changes, expected) => {
    const verdict = afterDecline({ ...base, ...changes }, { reason, code }, { now: NOW, retry, graceMs: GRACE });
    expect(verdict).toMatchObject({ ...expected, period: { reason, code, updatedAt: NOW, ...expected.period } });
  });
});

it.each([
  [null, NOW + GRACE],
  [NOW - 1, NOW + GRACE],
  [NOW, NOW + GRACE],
  [NOW + 1, NOW + 1],
])("a grace that was to end at %j ends at %i: one that is over begins anew", (graceUntil, expected) => {
  expect(graceFrom({ graceUntil }, NOW, GRACE)).toBe(expected);
});

it.each([
  [0, MINUTE],
  [1, 5 * MINUTE],
  [2, 15 * MINUTE],
  [3, HOUR],
  [4, 6 * HOUR],
  [5, 6 * HOUR],
])("what was not sent %i times before is tried again after %i ms", (unsent, wait) => {
  const sent = { state: "RETRY", reason: "unavailable", code: null, unsent: unsent + 1, nextAt: NOW + wait };
  const grace = { graceUntil: NOW + wait + GRACE, updatedAt: NOW };
  const period = { ...base, unsent, code: "-1" };
  expect(afterUnsent(period, "unavailable", NOW, GRACE)).toEqual({ ...base, ...sent, ...grace });
  const told = { ...period, graceUntil: ten(28) };
  expect(afterUnsent(told, "unavailable", NOW, GRACE).graceUntil).toBe(ten(28));
});

describe("a charge with no known end", () => {
  it.each<[Partial<PeriodRow>, Partial<PeriodRow>]>([
    [{}, { repays: 0, graceUntil: null }],
    [{ unknownAt: NOW - DAY }, { repays: 1 }],
    [{ graceUntil: base.end - 1 }, { graceUntil: base.end - 1 }],
  ])("of a period with %j leaves it with %j", (changes, expected) => {
    const unknown = { state: "UNKNOWN", reason: "unknown", code: null, unknownAt: NOW, updatedAt: NOW } as const;
    const before = { ...base, code: "-1", ...changes };
    expect(afterUnknown(before, NOW)).toEqual({ ...before, ...unknown, nextAt: NOW + MINUTE, ...expected });
  });

  it.each<[number, number, Partial<PeriodRow>]>([
    [0, MINUTE, {}],
    [MINUTE - 1, MINUTE, {}],
    [MINUTE, 5 * MINUTE, {}],
    [5 * MINUTE, 15 * MINUTE, {}],
    [15 * MINUTE, HOUR, {}],
    [HOUR, 6 * HOUR, {}],
    [6 * HOUR, DAY, {}],
    [DAY - 1, DAY, {}],
    [DAY, 2 * DAY, {}],
    [6 * HOUR, DAY + 6 * HOUR, { repays: 3 }],
    [6 * HOUR, DAY + 6 * HOUR, { pays: MAX_PAYS }],
  ])("is asked about %i ms after it at %i ms (%j)", (passed, expected, changes) => {
    expect(nextAsk({ ...base, unknownAt: NOW, ...changes }, NOW + passed)).toBe(NOW + expected);
  });

  it("is asked about in a minute where its time is not known", () => {
    expect(nextAsk(base, NOW)).toBe(NOW + MINUTE);
  });

  it.each<[Partial<PeriodRow>, boolean]>([
    [{ repays: 2, pays: 7 }, true],
    [{ repays: 3, pays: 7 }, false],
    [{ repays: 2, pays: 8 }, false],
  ])("may be charged again with %j: %j", (changes, expected) => {
    expect(mayRepay({ ...base, ...changes })).toBe(expected);
    expect(isRepaid({ ...base, ...changes, unknownAt: NOW }, NOW + DAY)).toBe(expected);
    expect(isRepaid({ ...base, ...changes, unknownAt: NOW }, NOW + DAY - 1)).toBe(false);
    expect(isRepaid({ ...base, ...changes }, NOW)).toBe(false);
  });
});

it.each([
  [null, null, null],
  [NOW + 5, null, NOW + 5],
  [null, NOW + 5, NOW + 5],
  [NOW + 5, NOW + 3, NOW + 3],
  [NOW + 5, NOW + 9, NOW + 5],
  [NOW + 5, NOW, NOW + 5],
  [NOW + 5, NOW - 1, NOW + 5],
])("a period with its next try at %j and its grace until %j is looked at at %j", (nextAt, graceUntil, expected) => {
  expect(nextLook({ ...base, nextAt, graceUntil }, NOW)).toBe(expected);
});
