import { describe, expect, it } from "vitest";
import { PaymeAPIError } from "../../src/kit/errors";
import type { PaymentRow } from "../../src/ledger";
import type { Receipt } from "../../src/protocol/receipt";
import { paymentRow, transactionRow } from "../ledger/rows";
import { createShop, scope } from "./shop";

const NOW = createShop().now();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KINDS = ["hold_expiring", "refund_refused", "refund_stuck"];

interface Looked {
  readonly row: Partial<PaymentRow>;
  /** As Payme lists it. Default: it was made and never paid, an hour ago. */
  readonly receipt: Partial<Receipt> & Pick<Receipt, "state">;
  /** The Merchant transaction that has the receipt's id. */
  readonly own?: Parameters<typeof transactionRow>[0];
  /** What Payme says when it is asked about the receipt alone; null: it knows none. Default: as it lists it. */
  readonly checked?: number | null;
  /** What a person was told before. */
  readonly open?: { readonly kind: string; readonly paymeId: string };
}

/** The review looks at the receipt r1, of the payment or of none. Returns what a person is told then, and what was closed. */
async function look({ row, receipt, own, checked = receipt.state, open }: Looked) {
  const shop = createShop();
  const payment = paymentRow({ createdAt: NOW - 3 * DAY, ...row });
  await shop.storage.addPayment(payment);
  if (own !== undefined)
    await shop.storage.addTransaction(transactionRow({ paymeId: "r1", source: "merchant", ...own }));
  if (open !== undefined) await shop.storage.appendEvents([{ ...scope, ...open, subject: payment.id, at: NOW }]);
  const account = [{ name: "order_id", title: "order_id", value: payment.id }];
  const listed = { create_time: NOW - HOUR, pay_time: 0, amount: payment.amount, account, ...receipt, _id: "r1" };
  shop.client.receipts.getAll = async () => ({ receipts: [listed], unread: [] });
  shop.client.receipts.get = async () => listed;
  shop.client.receipts.check = async () => {
    if (checked === null) throw new PaymeAPIError("no such receipt", { errorCode: "-31602" });
    return { state: checked };
  };
  await shop.payments.review({ limit: 9 });
  const incidents = (await shop.payments.incidents.list({ open: false, limit: 99 })).filter(({ kind }) =>
    KINDS.includes(kind),
  );
  return {
    told: incidents.filter(({ id, resolvedAt }) => resolvedAt === null && id > (open === undefined ? 0 : 1)),
    closed: incidents.filter(({ resolvedAt }) => resolvedAt !== null),
  };
}

const back = { paidBy: "r1", paidSource: "receipt", paidAt: 1, status: "CANCELLED", refund: "done" } as const;
const byAttempt = { ...back, paidBy: "m2", paidSource: "merchant", transactionId: "r1" } as const;
const held = { transactionId: "r1", hold: true, heldAt: NOW - DAY, held: true } as const;
const other = { transactionId: "r0", nextCheckAt: NOW } as const;
const isHeld = { state: 5 };
const isQueued = { state: 21 };
const isPaid = { state: 4, pay_time: NOW - DAY };

describe("the review tells a person of money that no other look sees", () => {
  it.each<[string, Looked, string]>([
    [
      "our books say that it is back, and Payme has it",
      { row: { ...back, cancelledAt: 1 }, receipt: isPaid },
      "refund_refused",
    ],
    ["Payme lists it, and knows it no more", { row: back, receipt: isPaid, checked: null }, "refund_refused"],
    [
      "our books say that it is back, and Payme works on it for over two days",
      { row: { ...back, cancelledAt: NOW - 2 * DAY - 1 }, receipt: isQueued },
      "refund_stuck",
    ],
    [
      "a later attempt of the receipt had paid",
      { row: byAttempt, own: { transaction: "payment-1", reference: "payment-1" }, receipt: isPaid },
      "refund_refused",
    ],
    [
      "held on its own receipt, whose transaction was given up, of a payment that was paid and refunded by another one",
      {
        row: byAttempt,
        own: { transaction: "payment-1", reference: "payment-1", state: -1 },
        receipt: { ...isHeld, pay_time: NOW },
      },
      "hold_expiring",
    ],
    ["held on another receipt than its own", { row: other, receipt: isHeld }, "hold_expiring"],
    [
      "held on its own, which nobody asks about",
      { row: { ...held, nextCheckAt: null }, receipt: isHeld },
      "hold_expiring",
    ],
    [
      "held by a payer who was not asked to, and nobody asks about it",
      { row: { ...held, hold: false, nextCheckAt: null }, receipt: isHeld },
      "hold_expiring",
    ],
    [
      "held although its payment was closed more than an hour ago",
      { row: { ...held, status: "CANCELLED", cancelledAt: NOW - HOUR - 1, nextCheckAt: NOW + DAY }, receipt: isHeld },
      "hold_expiring",
    ],
    [
      "held although its release was asked for more than an hour ago",
      { row: { ...held, cancelRequestedAt: NOW - HOUR - 1, nextCheckAt: NOW + DAY }, receipt: isHeld },
      "hold_expiring",
    ],
    [
      "held although other money paid the payment",
      {
        row: { ...held, status: "PAID", paidBy: "m2", paidSource: "merchant", nextCheckAt: NOW + DAY },
        receipt: isHeld,
      },
      "hold_expiring",
    ],
    [
      "a cancel of another receipt that is queued for over two days",
      { row: other, receipt: { ...isQueued, create_time: NOW - 2 * DAY - 1 } },
      "refund_stuck",
    ],
    [
      "a release that was asked for over two days ago, of which nobody asks",
      { row: { ...held, nextCheckAt: null, cancelRequestedAt: NOW - 2 * DAY - 1 }, receipt: isQueued },
      "refund_stuck",
    ],
    [
      "a hold of a payment that was closed over two days ago, of which nobody asks",
      { row: { ...held, status: "CANCELLED", nextCheckAt: null, cancelledAt: NOW - 2 * DAY - 1 }, receipt: isQueued },
      "refund_stuck",
    ],
  ])("%s", async (_title, looked, kind) => {
    const { told } = await look(looked);
    expect(told.map((incident) => [incident.kind, incident.paymeId])).toEqual([[kind, "r1"]]);
    expect(told[0]?.data).toMatchObject({ amount: paymentRow().amount });
    const endsAt = kind === "hold_expiring" ? { heldAt: NOW - HOUR, endsAt: NOW - HOUR + 30 * DAY } : {};
    expect(told[0]?.data).toMatchObject(endsAt);
  });
});

describe("the review tells nobody", () => {
  it.each<[string, Looked]>([
    ["of a refund that Payme has ended since its page was read", { row: back, receipt: isPaid, checked: 50 }],
    [
      "of a refund that reconcile asks about",
      { row: { ...back, refund: "queued", nextCheckAt: NOW }, receipt: isPaid },
    ],
    ["of a refund that is back", { row: back, receipt: { state: 50 } }],
    ["of one that Payme works on for two days", { row: { ...back, cancelledAt: NOW - 2 * DAY }, receipt: isQueued }],
    [
      "of the transaction of another order",
      { row: byAttempt, own: { transaction: "else", reference: "else" }, receipt: isPaid },
    ],
    [
      "of an attempt where a receipt had paid",
      {
        row: { ...byAttempt, paidSource: "receipt" },
        own: { transaction: "payment-1", reference: "payment-1" },
        receipt: isPaid,
      },
    ],
    ["of its own hold, which is asked about", { row: { ...held, nextCheckAt: NOW + DAY }, receipt: isHeld }],
    ["of its own receipt, of which no money was ever held", { row: { transactionId: "r1" }, receipt: isHeld }],
    [
      "of a hold whose payment was closed an hour ago",
      { row: { ...held, status: "CANCELLED", cancelledAt: NOW - HOUR, nextCheckAt: NOW + DAY }, receipt: isHeld },
    ],
    [
      "of a hold of which the release was asked for just now",
      {
        row: {
          ...held,
          status: "CANCELLED",
          cancelRequestedAt: NOW - HOUR,
          cancelledAt: NOW - DAY,
          nextCheckAt: NOW + DAY,
        },
        receipt: isHeld,
      },
    ],
    [
      "of another receipt whose cancel is queued for two days",
      { row: { ...other, cancelledAt: 1 }, receipt: { ...isQueued, create_time: NOW - 2 * DAY } },
    ],
    [
      "of another receipt that was paid two days ago, and made before",
      { row: other, receipt: { ...isQueued, create_time: NOW - 3 * DAY, pay_time: NOW - 2 * DAY } },
    ],
    [
      "of a release that was asked for two days ago",
      {
        row: { ...held, nextCheckAt: null, cancelRequestedAt: NOW - 2 * DAY, cancelledAt: NOW - 3 * DAY },
        receipt: { ...isQueued, create_time: NOW - 9 * DAY },
      },
    ],
  ])("%s", async (_title, looked) => {
    expect((await look(looked)).told).toEqual([]);
  });
});

describe("the end of a receipt closes what a person was told of it", () => {
  const refused = { kind: "refund_refused", paymeId: "r1" };
  const expiring = { kind: "hold_expiring", paymeId: "r1" };
  const stuck = { kind: "refund_stuck", paymeId: "r1" };

  it.each<[string, Looked, string]>([
    ["the refund is back after all", { row: back, receipt: { state: 50 }, open: refused }, "50"],
    ["a hold that its payment's end left behind", { row: back, receipt: { state: 50 }, open: expiring }, "50"],
    ["it is no longer stuck", { row: back, receipt: { state: 50 }, open: stuck }, "50"],
    ["a hold on another receipt was let go", { row: other, receipt: { state: 50 }, open: expiring }, "50"],
    ["a hold on another receipt was taken", { row: other, receipt: isPaid, open: expiring }, "4"],
    ["a cancel of another receipt has ended", { row: other, receipt: { state: 50 }, open: stuck }, "50"],
  ])("%s", async (_title, looked, state) => {
    const { closed } = await look(looked);
    const note = expect.stringContaining(`the end of its receipt (${state})`);
    expect(closed).toMatchObject([{ ...looked.open, resolvedBy: "payme-kit", note }]);
  });

  it.each<[string, Looked]>([
    ["the refund is not back", { row: back, receipt: isQueued, open: refused }],
    ["it is of another receipt", { row: back, receipt: { state: 50 }, open: { ...refused, paymeId: "r9" } }],
    ["the hold goes on", { row: other, receipt: isHeld, open: expiring }],
    ["a cancel of another receipt was refused", { row: other, receipt: isPaid, open: stuck }],
    ["its own receipt is asked about", { row: { ...held, nextCheckAt: NOW }, receipt: { state: 50 }, open: expiring }],
  ])("and not where %s", async (_title, looked) => {
    expect((await look(looked)).closed).toEqual([]);
  });
});
