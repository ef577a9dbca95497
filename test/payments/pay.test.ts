import { describe, expect, it } from "vitest";
import type { PaymentsOptions } from "../../src/entry";
import { som } from "../../src/kit/money";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { paymentRow } from "../ledger/rows";
import { verifiedToken } from "../mock/kit";
import { card, createShop } from "./shop";

const amount = som(50_000);
const HOUR = 3_600_000;

/** A shop and a saved card. */
async function open(payments: Partial<PaymentsOptions<MemoryTx>> = {}) {
  const shop = createShop({ payments });
  const token = await verifiedToken(shop.mock);
  let before = 0;
  const { exchanges } = shop.mock;
  return {
    shop,
    token,
    /** A payment whose receipt waits, as the books have it. */
    async known(row: Parameters<typeof paymentRow>[0]) {
      const receipt = await shop.client.receipts.create({ amount, account: { order_id: "payment-1" } });
      const common = { amount, createdAt: shop.now(), nextCheckAt: shop.now(), transactionId: receipt._id };
      await shop.storage.addPayment(paymentRow({ ...common, ...row }));
      before = exchanges.length;
      return receipt._id;
    },
    /** What was asked of Payme after the payment was there. */
    calls: () => exchanges.slice(before).flatMap(({ method }) => (method.startsWith("receipts.") ? [method] : [])),
    debits: () => shop.mock.movements.filter(({ kind }) => kind === "take").length,
  };
}

describe("pay", () => {
  it("charges a card for the receipt of a payment that is there, books it, and gives it", async () => {
    const { shop, token, calls, debits } = await open();
    const { id, transactionId } = await shop.payments.create({ amount });
    const payer = { phone: "998901234567" };
    const outcome = await shop.payments.pay(id, { token, payer });
    expect(outcome).toMatchObject({ status: "paid", receiptId: transactionId, payment: { id, paidBy: transactionId } });
    expect(calls()).toEqual(["receipts.create", "receipts.check", "receipts.check", "receipts.pay", "receipts.get"]);
    expect(JSON.stringify(shop.mock.exchanges.at(-2)?.request)).toContain(JSON.stringify(payer));
    expect(shop.delivery(id)).toMatchObject({ delivered: 1 });
    expect(debits()).toBe(1);
  });

  it.each([
    ["paid", "paid", { status: "PAID", paidAt: 1, paidBy: "elsewhere", nextCheckAt: null }],
    ["paid, and never had a receipt", "paid", { status: "PAID", paidAt: 1, paidBy: "m1", transactionId: null }],
    ["cancelled", "cancelled", { status: "CANCELLED" }],
    ["failed", "unknown", { status: "FAILED" }],
    ["failed, and has no receipt", "unknown", { status: "FAILED", transactionId: null }],
    ["without a receipt yet", "pending", { status: "PENDING", transactionId: null }],
  ] as const)("of what is %s answers %s at once, and sends nothing", async (_what, status, row) => {
    const { shop, token, known, calls } = await open();
    await known(row);
    const start = shop.now();
    expect(await shop.payments.pay("payment-1", { token })).toMatchObject({ status, payment: { id: "payment-1" } });
    expect(calls()).toEqual([]);
    expect(shop.now()).toBe(start);
  });

  it.each([
    ["held", 5],
    ["pending", 3],
  ])("of what was held before answers %s where Payme says %i, and sends no card", async (status, state) => {
    const { shop, token, known, calls } = await open();
    const receiptId = await known({ hold: true, held: true, heldAt: 1 });
    const { check } = shop.client.receipts;
    shop.client.receipts.check = async (id) => ({ ...(await check(id)), state });
    expect(await shop.payments.pay("payment-1", { token })).toMatchObject({ status, receiptId });
    expect(calls()).toEqual(["receipts.check"]);
  });

  it("is unknown where Payme cannot be asked first, and takes nothing", async () => {
    const { shop, token, known, debits } = await open();
    const receiptId = await known({});
    shop.mock.faults.add({ method: "receipts.check", kind: "http_status", status: 502, times: 1 });
    const unknown = { status: "unknown", receiptId, error: { code: "CONNECTION_FAILED" } };
    expect(await shop.payments.pay("payment-1", { token })).toMatchObject(unknown);
    expect(debits()).toBe(0);
  });

  it("of what has run out takes nothing: it is cancelled", async () => {
    const { shop, token, debits } = await open();
    const { id, transactionId } = await shop.payments.create({ amount });
    shop.pass(24 * HOUR);
    expect(await shop.payments.pay(id, { token })).toMatchObject({ status: "cancelled", payment: { id } });
    expect(shop.mock.receipt(transactionId ?? "")?.state).toBe(50);
    expect(debits()).toBe(0);
  });

  it("of a receipt that is cancelled just before the card is sent answers cancelled, and books it", async () => {
    const { shop, token, known } = await open();
    const receiptId = await known({});
    const { check } = shop.client.receipts;
    shop.client.receipts.check = async (id) => {
      const answer = await check(id);
      await shop.mock.cancel(receiptId);
      return answer;
    };
    const payment = { status: "CANCELLED" };
    expect(await shop.payments.pay("payment-1", { token })).toMatchObject({ status: "cancelled", receiptId, payment });
  });

  it("of a receipt that Payme is at work on answers pending", async () => {
    const { shop, token, known } = await open();
    const receiptId = await known({});
    shop.client.receipts.check = async () => ({ state: 2 });
    expect(await shop.payments.pay("payment-1", { token, settleMs: 0 })).toMatchObject({
      status: "pending",
      receiptId,
    });
  });

  it("of what the payer paid meanwhile by hand answers paid, and takes nothing more", async () => {
    const { shop, token, known, debits } = await open();
    await shop.mock.pay(await known({}), { card });
    expect(await shop.payments.pay("payment-1", { token })).toMatchObject({ status: "paid" });
    expect(debits()).toBe(1);
  });

  it("aborted before sends nothing, and throws the reason", async () => {
    const { shop, token, known, calls } = await open();
    await known({});
    const paying = shop.payments.pay("payment-1", { token, signal: AbortSignal.abort(new Error("gone")) });
    await expect(paying).rejects.toThrow("gone");
    expect(calls()).toEqual([]);
  });
});
