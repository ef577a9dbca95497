import { describe, expect, it } from "vitest";
import type { EventRow } from "../../src/ledger";
import { adminEvent, bookEventsOf } from "../../src/ledger/book-event";
import { eventRow, scope } from "./rows";

const told = (given: Partial<EventRow>) => bookEventsOf(eventRow(given), "payment-1");
const base = { ...scope, at: 1 };
const incident = { incidentId: 7, paymentId: "payment-1", paymeId: "payme-1" };

describe("the events of a stored row", () => {
  const cases: [string, Partial<EventRow>, object[]][] = [
    [
      "a payment, with what is known of it",
      { data: { amount: 5, source: "gateway", userId: "user-1", acceptedBy: "ali", trace: "t-1" } },
      [
        {
          ...base,
          kind: "payment.paid",
          paymentId: "payment-1",
          paymeId: "payme-1",
          amount: 5,
          source: "gateway",
          userId: "user-1",
          acceptedBy: "ali",
          trace: "t-1",
        },
      ],
    ],
    [
      "a payment, and nothing of what is of a wrong type",
      { data: { amount: "5", source: 1, userId: "", trace: null } },
      [{ ...base, kind: "payment.paid", paymentId: "payment-1", paymeId: "payme-1" }],
    ],
    [
      "an incident that opens",
      { kind: "paid_elsewhere" },
      [{ ...base, kind: "incident.opened", incident: "paid_elsewhere", ...incident }],
    ],
    [
      "a refund that is refused, which is an incident too",
      { kind: "refund_refused", data: { amount: 5 } },
      [
        { ...base, kind: "refund.refused", paymentId: "payment-1", paymeId: "payme-1", amount: 5 },
        { ...base, kind: "incident.opened", incident: "refund_refused", ...incident },
      ],
    ],
    [
      "an incident that a person closed",
      { kind: "refund_stuck", resolvedAt: 9, resolvedBy: "ali" },
      [{ ...base, at: 9, kind: "incident.resolved", incident: "refund_stuck", ...incident, by: "ali" }],
    ],
    [
      "a transaction",
      { kind: "transaction.refunded", data: { amount: 5, reason: 5 } },
      [{ ...base, kind: "transaction.refunded", paymeId: "payme-1", amount: 5, reason: 5 }],
    ],
    [
      "a transaction, and no reason that is none",
      { kind: "transaction.refunded", data: { reason: "5" } },
      [{ ...base, kind: "transaction.refunded", paymeId: "payme-1" }],
    ],
    ["no transaction without its id", { kind: "transaction.refunded", paymeId: null }, []],
    [
      "what a person asked for",
      { kind: "admin.sweep", data: { by: "ali" } },
      [{ ...base, kind: "admin.sweep", by: "ali", paymentId: "payment-1", paymeId: "payme-1" }],
    ],
    [
      "what nobody named asked for",
      { kind: "admin.sweep" },
      [{ ...base, kind: "admin.sweep", by: "", paymentId: "payment-1", paymeId: "payme-1" }],
    ],
    [
      "a subscription",
      { kind: "subscription.charged", subject: "s-1", data: { amount: 5, number: 2, paymentId: "p-1", reason: "r" } },
      [
        {
          ...base,
          kind: "subscription.charged",
          subscriptionId: "s-1",
          amount: 5,
          number: 2,
          paymentId: "p-1",
          reason: "r",
        },
      ],
    ],
    ["no message", { kind: "order.paid" }, []],
    ["no kind that only ends like one", { kind: "my.subscription." }, []],
    ["no import", { kind: "payment.imported" }, []],
  ];

  it.each(cases)("tell of %s", (_title, given, events) => {
    expect(told(given)).toEqual(events);
  });
});

it("the event of a person's wish has who, by which press, and more", () => {
  const about = { subject: "payment-1", paymeId: "payme-1", at: 1, by: "ali", press: "p-1", data: { message: 3 } };
  expect(adminEvent(scope, "requeue", about)).toEqual({
    ...scope,
    kind: "admin.requeue",
    subject: "payment-1",
    paymeId: "payme-1",
    at: 1,
    data: { by: "ali", press: "p-1", message: 3 },
  });
});
