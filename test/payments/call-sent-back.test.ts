import { describe, expect, it } from "vitest";
import { parseWebhook, type WebhookEvent } from "../../src/entry";
import { PaymeConfigError } from "../../src/kit/errors";
import { som, tiyin } from "../../src/kit/money";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";
import { transactionRow } from "../ledger/rows";
import { card, createShop, scope } from "./shop";

const secret = "your_secret_key";
const amount = som(50_000);

/** A receipts.pay that is rightly signed, and has the id of a call. */
function payCall(id: string, more: object = {}): WebhookEvent {
  const { body, headers } = signTestWebhook({
    secret,
    body: { id: 7, method: "receipts.pay", params: { id, amount, cheque_id: "cheque123", ...more } },
  });
  return parseWebhook(body, headers, { secret });
}

async function openPayment(options = {}) {
  const shop = createShop(options);
  const { id, transactionId } = await shop.payments.create({ reference: "order:197", amount });
  return { shop, id, paymeId: transactionId ?? "" };
}

describe("recordWebhook", () => {
  const notification = (method: string, params: object) => {
    const { body, headers } = signTestWebhook({ secret, body: { method, params } });
    return parseWebhook(body, headers, { secret });
  };

  it("logs a method that it does not know, and ignores it", async () => {
    const { shop } = await openPayment();
    expect(await shop.payments.recordWebhook(notification("receipts.new", {}))).toEqual({ outcome: "ignored" });
    expect(shop.lines.join()).toContain('"method":"receipts.new"');
  });

  it("records a payment as notified, and asks Payme nothing", async () => {
    const { shop, id, paymeId } = await openPayment();
    const before = shop.mock.exchanges.length;
    const paid = notification("receipts.pay", { id: paymeId, amount, cheque_id: "cheque123" });
    expect(await shop.payments.recordWebhook(paid)).toMatchObject({ outcome: "applied" });
    const row = { paidSource: "gateway", chequeId: "cheque123", webhookReceivedAt: shop.now() };
    expect(await shop.payments.find(id)).toMatchObject(row);
    expect(shop.mock.exchanges).toHaveLength(before);
  });

  it("records a cancelled receipt with its time", async () => {
    const { shop, id, paymeId } = await openPayment();
    const event = notification("receipts.cancel", { id: paymeId });
    const at = shop.now() + 1_000;
    expect(await shop.payments.recordWebhook({ ...event, ...{ cancelledAt: at } })).toMatchObject({
      outcome: "applied",
    });
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED", webhookReceivedAt: shop.now() });
    expect(await shop.storage.findTransaction(scope, paymeId)).toMatchObject({ source: "gateway", cancelTime: at });
  });
});

describe("find", () => {
  it("knows a payment by a Merchant transaction that is under way, and not by one of another order", async () => {
    const { shop, id } = await openPayment();
    for (const [paymeId, reference] of [
      ["m1", id],
      ["m2", "another order"],
    ] as const) {
      await shop.storage.addTransaction(transactionRow({ ...scope, paymeId, reference, time: shop.now() }));
    }
    expect(await shop.payments.find("m1")).toMatchObject({ id });
    expect(await shop.payments.find("m2")).toBeUndefined();
    expect(await shop.payments.find("m3")).toBeUndefined();
  });
});

describe("recordWebhook asks Payme about a receipts.pay with a JSON-RPC id:", () => {
  it("a receipt that is not paid settles nothing", async () => {
    const { shop, id, paymeId } = await openPayment();
    expect(await shop.payments.recordWebhook(payCall(paymeId))).toEqual({ outcome: "ignored" });
    expect(await shop.payments.find(id)).toMatchObject({
      status: "PENDING",
      webhookReceivedAt: null,
      chequeId: paymeId,
    });
    expect(shop.delivery(id)).toBeUndefined();
    expect(shop.incidents).toEqual([]);
    const fields = `"transaction_id":"${paymeId}","state":0`;
    expect(shop.lines.join()).toContain(`a receipts.pay with a JSON-RPC id came: Payme was asked",${fields}`);
  });

  it("an answer about another receipt settles nothing", async () => {
    const { shop, id, paymeId } = await openPayment();
    await shop.mock.pay(paymeId, { card });
    const { get } = shop.client.receipts;
    shop.client.receipts.get = async () => ({ ...(await get(paymeId)), _id: "another" });
    expect(await shop.payments.recordWebhook(payCall(paymeId))).toEqual({ outcome: "ignored" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING" });
  });

  it("a receipt that is paid settles once, by what the receipt says", async () => {
    const { shop, id, paymeId } = await openPayment();
    await shop.mock.pay(paymeId, { card });
    const { pay_time } = await shop.client.receipts.get(paymeId);
    const event = payCall(paymeId, { amount: 1, paid_at: 1_000 });
    expect(await shop.payments.recordWebhook(event)).toMatchObject({ outcome: "applied" });
    expect(await shop.payments.recordWebhook(event)).toMatchObject({ outcome: "already_applied" });
    expect(await shop.payments.find(id)).toMatchObject({
      status: "PAID",
      paidSource: "receipt",
      paidAt: pay_time,
      amount,
    });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1 });
    expect(shop.incidents).toEqual([]);
  });

  it.each(["paid and refunded", "cancelled"])("a receipt that was %s pays nothing", async (how) => {
    const { shop, id, paymeId } = await openPayment();
    if (how !== "cancelled") await shop.mock.pay(paymeId, { card });
    await shop.client.receipts.cancel(paymeId);
    expect(await shop.payments.recordWebhook(payCall(paymeId))).toEqual({ outcome: "ignored" });
    expect((await shop.payments.find(id))?.status).toBe("PENDING");
    expect(shop.delivery(id)).toBeUndefined();
  });

  it("a receipt that Payme does not know is ignored, and no incident", async () => {
    const { shop } = await openPayment();
    expect(await shop.payments.recordWebhook(payCall("64f8a1b2c3d4e5f6a7b8c9d0"))).toEqual({ outcome: "ignored" });
    expect(await shop.payments.incidents.list()).toEqual([]);
  });

  it("where Payme cannot be asked just now, the error goes to the sender, which repeats", async () => {
    const { shop, id, paymeId } = await openPayment();
    await shop.mock.pay(paymeId, { card });
    const removeFault = shop.mock.faults.add({ kind: "drop_before", method: "receipts.get" });
    await expect(shop.payments.recordWebhook(payCall(paymeId))).rejects.toThrow();
    expect((await shop.payments.find(id))?.status).toBe("PENDING");
    removeFault();
    expect(await shop.payments.recordWebhook(payCall(paymeId))).toMatchObject({ outcome: "applied" });
  });

  it("without a client there is nobody to ask", async () => {
    const { shop, id } = await openPayment({
      payments: { client: undefined, payUrl: () => "https://pay.example", mode: "test" },
    });
    await expect(shop.payments.recordWebhook(payCall(id))).rejects.toThrow(PaymeConfigError);
    expect((await shop.payments.find(id))?.status).toBe("PENDING");
  });
});

it("payments of a cashbox that rounds have the amount that Payme takes", async () => {
  const { shop } = await openPayment({ payments: { roundsToSom: true } });
  const price = tiyin(150_050);
  const created = await shop.payments.create({ reference: "order:198", amount: price });
  expect(created.payment.amount).toBe(150_100);
  expect((await shop.client.receipts.get(created.transactionId ?? "")).amount).toBe(150_100);
  expect(await shop.payments.create({ reference: "order:198", amount: price })).toMatchObject({ reused: true });
  await expect(shop.payments.create({ amount: tiyin(0) })).rejects.toThrow("amount");
  expect((await shop.payments.create({ amount: som(5) })).payment.amount).toBe(500);
});
