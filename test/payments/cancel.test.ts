import { describe, expect, it } from "vitest";
import { PaymeAPIError, PaymeOutcomeUnknownError } from "../../src/kit/errors";
import { som } from "../../src/kit/money";
import { paymentRow, transactionRow } from "../ledger/rows";
import { card, createShop, scope } from "./shop";

const amount = som(50_000);

async function paidPayment(shop = createShop()) {
  const { id, transactionId } = await shop.payments.create({ amount });
  await shop.mock.pay(transactionId ?? "", { card });
  await shop.payments.check(id);
  return { shop, id, transactionId: transactionId ?? "" };
}

describe("cancel", () => {
  it("does not know a payment that is not there", async () => {
    await expect(createShop().payments.cancel("nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it.each([
    ["a payment that has no receipt yet", {}],
    ["a payment of a shop without a client", { client: undefined, payUrl: () => "https://pay.example" }],
  ])("closes %s in our own book, and asks Payme nothing", async (_name, payments) => {
    const shop = createShop({ payments: { mode: "test", ...payments } });
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now() }));
    expect(await shop.payments.cancel("payment-1")).toMatchObject({
      refund: "done",
      payment: { status: "CANCELLED", transactionId: null },
    });
    expect(shop.mock.exchanges).toEqual([]);
    expect(await shop.story("payment-1")).toEqual(["payment.cancelled"]);
  });

  it("refuses a payment whose creation failed and left no receipt: there is nothing to cancel", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ status: "FAILED" }));
    await expect(shop.payments.cancel("payment-1")).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("cancels an unpaid payment at Payme, without any refund hook", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    expect(await shop.payments.cancel(id)).toMatchObject({ refund: "done", payment: { status: "CANCELLED" } });
    expect((await shop.client.receipts.check(transactionId ?? "")).state).toBe(50);
    expect(shop.delivery(id)).toBeUndefined();
    expect(await shop.story(id)).toEqual(["payment.created", "payment.cancelled"]);
  });

  it("refunds a paid one once, however often it is asked", async () => {
    const { shop, id, transactionId } = await paidPayment();
    expect(await shop.payments.cancel(id)).toMatchObject({ refund: "queued", payment: { status: "CANCELLED" } });
    expect(await shop.payments.cancel(transactionId)).toMatchObject({ payment: { status: "CANCELLED" } });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 1 });
    expect(await shop.storage.findTransaction(scope, transactionId)).toMatchObject({ state: -2 });
  });

  it("takes the grant back once when asked twenty times at once", async () => {
    const { shop, id } = await paidPayment();
    await Promise.allSettled(Array.from({ length: 20 }, () => shop.payments.cancel(id)));
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 1 });
  });

  it("leaves a payment as it was when Payme refuses", async () => {
    const { shop, id } = await paidPayment();
    shop.mock.faults.add({ method: "receipts.cancel", kind: "rpc_error", code: -31601, message: "no", times: 1 });
    await expect(shop.payments.cancel(id)).rejects.toBeInstanceOf(PaymeAPIError);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: null, nextCheckAt: null });
    expect(shop.delivery(id)).toMatchObject({ takenBack: 0 });
  });

  it("is carried to its end by reconcile when Payme's answer was lost", async () => {
    const { shop, id } = await paidPayment();
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_after", times: 1 });
    await expect(shop.payments.cancel(id)).rejects.toBeInstanceOf(PaymeOutcomeUnknownError);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: shop.now() });
    shop.pass(120_000);
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 1, cancelled: 1 });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 1 });
  });

  it("is carried to its end by reconcile when the request itself was lost", async () => {
    const { shop, id } = await paidPayment();
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_before", times: 1 });
    await expect(shop.payments.cancel(id)).rejects.toThrow();
    shop.pass(120_000);
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
    expect(shop.delivery(id)).toMatchObject({ takenBack: 1 });
  });

  it("sends a payment made through the Merchant API to the cabinet, and leaves its receipt alone", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.storage.changePayment(scope, id, {
      from: ["PENDING"],
      to: "PAID",
      at: shop.now(),
      paidBy: "merchant-1",
      paidSource: "merchant",
    });
    await expect(shop.payments.cancel(id)).rejects.toMatchObject({
      code: "CONFLICT",
      hint: expect.stringContaining("CancelTransaction"),
    });
    expect((await shop.client.receipts.check(transactionId ?? "")).state).toBe(0);
  });
});

describe("close", () => {
  it("closes in our own book", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    expect(await shop.payments.close(id)).toMatchObject({ outcome: "applied", row: { status: "CANCELLED" } });
    expect(await shop.payments.close(id)).toMatchObject({ outcome: "already_applied" });
  });

  it("changes nothing while a Merchant transaction of the payment is live", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    await shop.storage.addTransaction(transactionRow({ reference: id, paymeId: "merchant-1", time: shop.now() }));
    expect(await shop.payments.close(id)).toMatchObject({ outcome: "conflict", row: { status: "PENDING" } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING" });
  });
});
