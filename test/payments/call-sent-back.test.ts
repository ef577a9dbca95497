import { describe, expect, it } from "vitest";
import { parseWebhook, type WebhookEvent } from "../../src/entry";
import { PaymeConfigError } from "../../src/kit/errors";
import { som, tiyin } from "../../src/kit/money";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";
import { card, createShop } from "./shop";

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
    expect(shop.lines.join()).toContain("a receipts.pay with a JSON-RPC id came");
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
