import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import type { PaymentRow } from "../../src/ledger";
import { endsAt, isCharged, nextCheckAt, requireDelays, requireMostOpen } from "../../src/payments/context";
import { paymentRow } from "../ledger/rows";
import { createShop } from "./shop";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Long after 1970: a hold that never was must not be counted from then. */
const MADE = Date.UTC(2026, 0, 15, 10, 30);

const delays = { pendingTtlMs: 2 * DAY, checkDelaysMs: [MINUTE, 4 * MINUTE, HOUR] };

/** When a payment is asked about next, in ms after it was made. */
function nextLook(after: number, row: Partial<PaymentRow> = {}) {
  const payment = paymentRow({ createdAt: MADE, transactionId: "receipt-1", ...row });
  return nextCheckAt({ ...delays, now: () => MADE + after }, payment) - MADE;
}

describe("a payment is asked about next", () => {
  it.each([
    [0, MINUTE],
    [MINUTE - 1, MINUTE],
    [MINUTE, 5 * MINUTE],
    [5 * MINUTE, 65 * MINUTE],
    [65 * MINUTE, 125 * MINUTE],
    [65 * MINUTE + 3 * HOUR + 1, 65 * MINUTE + 4 * HOUR],
    // A clock that ran back.
    [-HOUR, MINUTE - HOUR],
  ])("after %i ms at %i, counted from when it was made, and the last delay repeats", (after, next) => {
    expect(nextLook(after)).toBe(next);
  });

  it("by default densely at first, then every six hours, and at its end", async () => {
    const shop = createShop();
    const { id, payment } = await shop.payments.create({ amount: som(50_000) });
    const seconds: number[] = [];
    for (const _ of Array.from({ length: 14 })) {
      const due = (await shop.payments.find(id))?.nextCheckAt ?? 0;
      seconds.push((due - payment.createdAt) / 1_000);
      shop.pass(due - shop.now());
      await shop.payments.reconcile();
    }
    const [minute, hour] = [60, 3_600];
    const fresh = [10, 30, 70];
    const later = [3, 8, 18, 33, 63].map((minutes) => 70 + minutes * minute);
    const hours = [1, 7, 13, 19].map((each) => 70 + 63 * minute + each * hour);
    expect(seconds).toEqual([...fresh, 70 + minute, ...later, ...hours, 24 * hour]);
  });

  it("counted from the wish to cancel it, or from when it was paid", () => {
    expect(nextLook(10 * HOUR, { paidAt: MADE + 10 * HOUR })).toBe(10 * HOUR + MINUTE);
    const both = { paidAt: MADE + HOUR, cancelRequestedAt: MADE + 10 * HOUR };
    expect(nextLook(10 * HOUR, both)).toBe(10 * HOUR + MINUTE);
  });

  it("at its end, where the next delay would be later", () => {
    expect(nextLook(2 * DAY - 10 * MINUTE)).toBe(2 * DAY);
    expect(nextLook(2 * DAY)).toBe(2 * DAY + 5 * MINUTE);
  });

  it("when a person is to be told of its hold, 27 days after it, where that is sooner", () => {
    const held = { heldAt: MADE - 27 * DAY + 30 * MINUTE, transactionId: null };
    expect(nextLook(0, { ...held, checks: 9 })).toBe(30 * MINUTE);
    expect(nextLook(30 * MINUTE, { ...held, checks: 9 })).toBe(30 * MINUTE + 6 * HOUR);
  });

  it.each([
    [0, MINUTE],
    [1, 5 * MINUTE],
    [2, 15 * MINUTE],
    [3, HOUR],
    [4, 6 * HOUR],
  ])("after %i looks for a receipt that nobody knows, %i ms later", (checks, later) => {
    expect(nextLook(HOUR, { transactionId: null, checks })).toBe(HOUR + later);
  });
});

describe("an unpaid payment ends", () => {
  it.each([
    [{}, 2 * DAY],
    [{ kind: "subscription" }, 60 * DAY],
    [{ kind: "subscription", status: "FAILED" }, 2 * DAY],
  ] as const)("where it is %j after %i ms", (row, after) => {
    expect(endsAt(delays, paymentRow({ createdAt: MADE, ...row })) - MADE).toBe(after);
  });
});

it("a payment is charged until its claim is over", () => {
  const until = (chargeUntil: number | null) => isCharged(paymentRow({ chargeUntil }), 10);
  expect([null, 9, 10, 11].map(until)).toEqual([false, false, false, true]);
});

describe("options of createPayments", () => {
  it.each([[[1]], [[10_000, 60_000]]])("checkDelaysMs may be %j", (given) => {
    expect(requireDelays(given)).toEqual(given);
    expect(requireDelays(given)).not.toBe(given);
  });

  it.each([[[]], [[0]], [[1, -1]], [[1, 1.5]], [[Number.NaN]], [[1, Number.POSITIVE_INFINITY]]])(
    "checkDelaysMs may not be %j",
    (given) => {
      expect(() => requireDelays(given)).toThrow(expect.objectContaining({ hint: expect.stringContaining("E.g.") }));
    },
  );

  it("maxOpenPerUser may be a whole number above 0, Infinity, or left out", () => {
    expect([1, 500, Number.POSITIVE_INFINITY, undefined].map((most) => requireMostOpen(most))).toEqual([
      1,
      500,
      Number.POSITIVE_INFINITY,
      20,
    ]);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY])("maxOpenPerUser may not be %d", (most) => {
    expect(() => requireMostOpen(most)).toThrow(expect.objectContaining({ hint: expect.stringContaining("20") }));
  });
});
