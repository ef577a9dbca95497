import { describe, expect, it } from "vitest";
import { tiyin } from "../../src/kit/money";
import { differenceOf } from "../../src/ledger/difference";
import { doublePayment, incidentKey, isClosedBy } from "../../src/ledger/event";
import { rowAfter } from "../../src/ledger/outcome";
import { countsAsOpen, isKind, judgePayment, type PaymentChange } from "../../src/ledger/payment";
import { joinTotals } from "../../src/ledger/totals";
import { isExpired, transactionGuardHolds } from "../../src/ledger/transaction";
import { TRANSACTION_LIFETIME_MS, TransactionState } from "../../src/protocol/states";
import { eventRow, paymentRow, scope, transactionRow } from "./rows";

describe("a kind of payments", () => {
  it.each(["order", "a", "b2-c", `a${"b".repeat(62)}`])("may be %s", (kind) => {
    expect(isKind(kind)).toBe(true);
  });

  it.each(["", "Order", "2nd", "-a", "a b", "order!", `a${"b".repeat(63)}`])("may not be %j", (kind) => {
    expect(isKind(kind)).toBe(false);
  });
});

describe("a new payment", () => {
  it("is given, held and fulfilled by nobody yet", () => {
    expect(paymentRow()).toMatchObject({ unfulfilled: false, hold: false, held: false, refund: "none", checks: 0 });
  });

  it.each([
    [{}, true],
    [{ kind: "subscription" }, false],
    [{ userId: "" }, false],
    [{ status: "PAID" }, false],
    [{ status: "FAILED" }, false],
  ] as const)("with %j counts among the open ones of its user: %s", (row, answer) => {
    expect(countsAsOpen(paymentRow(row))).toBe(answer);
  });
});

describe("a change of a payment that its guard held back", () => {
  const row = paymentRow({ status: "PAID", paidBy: "receipt-1" });
  const [amount, at] = [row.amount, 2];
  const pays = { from: ["PENDING"], to: "PAID", at } as const;
  const cases: [string, PaymentChange, string][] = [
    ["paid by the same id", { ...pays, paidBy: "receipt-1", amount }, "already_applied"],
    ["paid by the same id, whatever the amount", { ...pays, paidBy: "receipt-1" }, "already_applied"],
    ["paid by another id", { ...pays, paidBy: "receipt-2", amount }, "conflict"],
    ["paid with another amount", { ...pays, paidBy: "receipt-1", amount: tiyin(1) }, "conflict"],
    [
      "paid with another amount that a person accepted",
      { ...pays, paidBy: "receipt-1", paidAmount: tiyin(1) },
      "conflict",
    ],
    ["paid by an id that is not told", pays, "already_applied"],
    ["cancelled", { from: ["PENDING"], to: "CANCELLED", at }, "conflict"],
  ];
  it.each(cases)("%s", (_title, change, outcome) => {
    expect(judgePayment(row, change)).toEqual({ outcome, row });
  });

  it("is a repeat where the payment is cancelled already, by whomever", () => {
    const cancelled = paymentRow({ status: "CANCELLED" });
    const change = { from: ["PENDING"], to: "CANCELLED", at } as const;
    expect(judgePayment(cancelled, change).outcome).toBe("already_applied");
    expect(judgePayment(cancelled, { ...change, paidBy: "receipt-1" }).outcome).toBe("already_applied");
    expect(judgePayment(undefined, change)).toEqual({ outcome: "not_found" });
  });

  it("leaves the row as it was where there is none any more", () => {
    expect(rowAfter({ outcome: "not_found" }, row)).toBe(row);
  });
});

describe("the 12 hours of a transaction", () => {
  const now = 1_000_000_000;

  it.each([
    [now - TRANSACTION_LIFETIME_MS, TransactionState.CREATED, false],
    [now - TRANSACTION_LIFETIME_MS - 1, TransactionState.CREATED, true],
    [now - TRANSACTION_LIFETIME_MS - 1, TransactionState.PERFORMED, false],
    [now - TRANSACTION_LIFETIME_MS - 1, TransactionState.CANCELLED, false],
  ])("from %i in state %i are over: %s", (time, state, answer) => {
    expect(isExpired({ time, state }, now)).toBe(answer);
  });

  it("are part of the guard, to the millisecond", () => {
    const row = transactionRow({ time: 10 });
    const change = { from: TransactionState.CREATED, to: TransactionState.PERFORMED, at: 11 };
    expect([undefined, 9, 10, 11].map((notBefore) => transactionGuardHolds(row, { ...change, notBefore }))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it("and its receipts and reason stay as they are given", () => {
    const given = { reason: 5, fiscalPerform: { a: 1 }, fiscalCancel: { b: 2 } };
    expect(transactionRow(given)).toMatchObject(given);
  });
});

describe("the key by which an event is written once", () => {
  it.each([
    ["paid_elsewhere", "payme-1", {}, "paid_elsewhere:payme-1"],
    ["paid_elsewhere", null, {}, null],
    ["admin.refund", "payme-1", { press: "p-1" }, "press:p-1"],
    ["admin.refund", "payme-1", { press: 1 }, null],
    ["admin.refund", "payme-1", null, null],
    ["payment.paid", "payme-1", { press: "p-1" }, null],
    ["shop.admin.", "payme-1", { press: "p-1" }, null],
  ])("of %s with %s and %j is %s", (kind, paymeId, data, key) => {
    expect(incidentKey({ kind, paymeId, data })).toBe(key);
  });
});

describe("a closing", () => {
  const open = eventRow({ kind: "amount_mismatch" });
  const closing = { ...scope, subject: "payment-1", paymeId: "payme-1", by: "payme-kit", note: "", at: 2 };

  it.each([
    ["of its kind and id", {}, { kinds: ["amount_mismatch"] }, true],
    ["whose subject was the id", { subject: "payme-1" }, { kinds: ["amount_mismatch"] }, true],
    ["of another kind", {}, { kinds: ["effect_failed"] }, false],
    ["of another id", { paymeId: "payme-2" }, { kinds: ["amount_mismatch"] }, false],
    [
      "of another id, of a kind of others",
      { paymeId: "payme-2" },
      { kinds: [], kindsOfOthers: ["amount_mismatch"] },
      true,
    ],
    ["of a kind of others, with its own id", {}, { kinds: [], kindsOfOthers: ["amount_mismatch"] }, false],
    ["without an id", { paymeId: null }, { kinds: [], kindsOfOthers: ["amount_mismatch"] }, false],
    ["of another subject", { subject: "payment-2" }, { kinds: ["amount_mismatch"] }, false],
    ["that is closed", { resolvedAt: 1 }, { kinds: ["amount_mismatch"] }, false],
  ] as const)("closes an incident %s: %s", (_title, row, kinds, answer) => {
    expect(isClosedBy({ ...open, ...row }, { ...closing, ...kinds })).toBe(answer);
  });

  it("leaves a double payment of money that another id brought", () => {
    expect(doublePayment(open, closing)).toEqual([]);
    expect(doublePayment({ ...open, paymeId: "payme-2" }, closing)).toMatchObject([
      { kind: "double_payment", paymeId: "payme-2", at: 2 },
    ]);
  });
});

describe("a difference between two books", () => {
  const side = (amount: number, state: number) => ({ amount: tiyin(amount), state });
  it.each([
    [null, null, undefined],
    [side(1, 2), side(1, 2), undefined],
    [null, side(1, 2), { kind: "missing_there", isPaid: true }],
    [side(1, 1), null, { kind: "missing_here", isPaid: false }],
    [side(2, 1), side(1, 2), { kind: "amount_differs", isPaid: true }],
    [side(1, -1), side(1, 1), { kind: "state_differs", isPaid: false }],
  ])("of %j and %j is %j", (theirs, ours, difference) => {
    const found = differenceOf("id", theirs, ours);
    if (difference === undefined) expect(found).toBeUndefined();
    else expect(found).toEqual({ id: "id", theirs, ours, ...difference });
  });
});

it("totals are by source, ascending, and zero where a source has none", () => {
  const none = { count: 0, amount: tiyin(0) };
  const one = { count: 1, amount: tiyin(5) };
  expect(
    joinTotals([{ source: "receipt", ...one }], [{ source: "merchant", ...one }], [{ source: "gateway", ...one }]),
  ).toEqual([
    { source: "gateway", paid: none, refunding: none, refunded: one },
    { source: "merchant", paid: none, refunding: one, refunded: none },
    { source: "receipt", paid: one, refunding: none, refunded: none },
  ]);
});
