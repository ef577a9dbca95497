import { describe, expect, it } from "vitest";
import type { PaymentsOptions } from "../../src/entry";
import { som, tiyin } from "../../src/kit/money";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { paymentRow, transactionRow } from "../ledger/rows";
import { card, createShop, scope } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;

/** The minutes of the next two hours in which reconcile asked about something. */
async function minutesAsked(shop: ReturnType<typeof createShop>): Promise<number[]> {
  const asked: number[] = [];
  for (let minute = 1; minute <= 120; minute += 1) {
    shop.pass(MINUTE);
    if ((await shop.payments.reconcile()).checked > 0) asked.push(minute);
  }
  return asked;
}

describe("a payment that reconcile cannot bring any further", () => {
  it("is asked about once where it is paid and was left due", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    const at = shop.now();
    await shop.storage.requestCancel(scope, id, { from: ["PAID"], at, nextCheckAt: at });
    // A cancel that read the payment while it was PENDING takes its wish back like this.
    await shop.storage.withdrawCancel(scope, id, { at, nextCheckAt: at + MINUTE });
    expect(await minutesAsked(shop)).toEqual([1]);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", nextCheckAt: null });
  });

  it("is asked about less and less often where its receipt took another amount", async () => {
    const shop = createShop();
    const receipt = await shop.client.receipts.create({ amount, account: { order_id: "payment-1" } });
    await shop.storage.addPayment(
      paymentRow({ amount: tiyin(1), createdAt: shop.now(), transactionId: receipt._id, nextCheckAt: shop.now() }),
    );
    await shop.mock.pay(receipt._id, { card });
    expect(await minutesAsked(shop)).toEqual([1, 2, 3, 5, 10, 20, 35, 65]);
    expect(shop.incidents).toMatchObject([{ kind: "amount_mismatch", paymeId: receipt._id }]);
  });
});

describe("a payment whose creation was not answered", () => {
  it("is looked for after 1, 5, 15 and 60 minutes, then every six hours", async () => {
    const shop = createShop();
    shop.mock.faults.add({ method: "receipts.create", kind: "drop_before", times: 1 });
    await expect(shop.payments.create({ amount })).rejects.toThrow();
    expect(await minutesAsked(shop)).toEqual([1, 6, 21, 81]);
    const at = shop.now();
    shop.pass(80 * MINUTE);
    await shop.payments.reconcile();
    expect(await minutesAsked(shop)).toEqual([]);
    shop.pass(at + 321 * MINUTE - shop.now());
    expect(await minutesAsked(shop)).toHaveLength(1);
  });
});

describe("a refund that the books cannot follow", () => {
  it("is asked about less and less often, and never forgotten", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    const [paymeId, at] = [transactionId ?? "", shop.now()];
    // Paid in a book whose transaction is gone: nothing that our own code writes.
    await shop.storage.changePayment(scope, id, { from: ["PENDING"], to: "PAID", at, paidBy: paymeId });
    await shop.storage.requestCancel(scope, id, { from: ["PAID"], at, nextCheckAt: at });
    await shop.mock.cancel(paymeId);
    expect(await minutesAsked(shop)).toEqual([1, 2, 3, 5, 10, 20, 35, 65]);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", nextCheckAt: expect.any(Number) });
  });
});

describe("reconcile with a slow Payme", () => {
  it("leaves the rest to others once its lease is over, and asks about nothing twice", async () => {
    const shop = createShop({ payments: { checkDelaysMs: [MINUTE, 5 * MINUTE] } });
    for (let n = 0; n < 6; n += 1) await shop.payments.create({ reference: `order:${n}`, amount });
    const asked: string[] = [];
    const { receipts } = shop.client;
    const check = receipts.check;
    receipts.check = async (id) => {
      asked.push(id);
      shop.pass(40_000);
      return check(id);
    };
    shop.pass(MINUTE);
    const runs = [await shop.payments.reconcile(), await shop.payments.reconcile()];
    expect(runs.map(({ checked }) => checked)).toEqual([3, 3]);
    expect(asked).toHaveLength(6);
    expect(new Set(asked).size).toBe(6);
  });
});

describe("a conflict is answered with the row as the books have it", () => {
  it("when the Payme id has paid something else already", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    const paymeId = transactionId ?? "";
    await shop.storage.addTransaction(transactionRow({ paymeId, reference: "another order", state: 2 }));
    const recorded = await shop.payments.recordPaid({ paymeId, amount, paidAt: shop.now(), source: "gateway" });
    expect(recorded).toMatchObject({ outcome: "conflict", incident: "double_payment" });
    expect(recorded).toMatchObject({ row: { status: "PENDING", paidBy: null, webhookReceivedAt: shop.now() } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING" });
    expect(shop.delivery(id)).toBeUndefined();
  });

  it("when a refund finds no transaction to take back", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    const paymeId = transactionId ?? "";
    await shop.storage.changePayment(scope, id, { from: ["PENDING"], to: "PAID", at: shop.now(), paidBy: paymeId });
    const recorded = await shop.payments.recordCancelled({ paymeId, cancelledAt: shop.now(), source: "gateway" });
    expect(recorded).toMatchObject({ outcome: "conflict", row: { status: "PAID" } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID" });
    expect(shop.delivery(id)).toBeUndefined();
  });
});

describe("onIncident", () => {
  const report = { paymeId: "unknown", amount, paidAt: 1, source: "gateway" } as const;
  const told = (payments: Partial<PaymentsOptions<MemoryTx>>) => createShop({ payments });

  it("may be asynchronous and reject: nothing else fails, and the log has it", async () => {
    const shop = told({ onIncident: () => Promise.reject(new Error("the pager is down")) });
    expect(await shop.payments.recordPaid(report)).toMatchObject({ outcome: "not_found" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(shop.lines.join()).toContain("the pager is down");
  });

  it("does not keep onConflict from being called by throwing", async () => {
    const conflicts: string[] = [];
    const shop = told({
      onIncident: () => {
        throw new Error("the pager is down");
      },
      onConflict: ({ kind }) => conflicts.push(kind),
    });
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.payments.cancel(id);
    await shop.payments.recordPaid({ ...report, paymeId: transactionId ?? "" });
    expect(conflicts).toEqual(["paid_after_cancel"]);
  });
});
