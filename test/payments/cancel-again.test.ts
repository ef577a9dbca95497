import { describe, expect, it } from "vitest";
import { PaymeConnectionError, PaymeOutcomeUnknownError } from "../../src/kit/errors";
import { som } from "../../src/kit/money";
import { card, createShop, scope } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;

/** A paid payment whose refund Payme carried out, and whose answer was lost on the way. */
async function refundedUnheard() {
  const shop = createShop();
  const { id, transactionId } = await shop.payments.create({ amount });
  await shop.mock.pay(transactionId ?? "", { card });
  await shop.payments.check(id);
  shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_after", times: 1 });
  await expect(shop.payments.refund(id)).rejects.toBeInstanceOf(PaymeOutcomeUnknownError);
  return { shop, id };
}

describe("a refund whose answer was lost, asked for again", () => {
  it("is booked although Payme refuses to cancel what it has cancelled", async () => {
    const { shop, id } = await refundedUnheard();
    shop.mock.faults.add({
      method: "receipts.cancel",
      kind: "rpc_error",
      code: -31601,
      message: "cancelled",
      times: 1,
    });
    expect(await shop.payments.refund(id)).toMatchObject({ refund: "queued", payment: { status: "CANCELLED" } });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 1 });
  });

  it("is not forgotten when Payme refuses and then cannot be asked what became of it", async () => {
    const { shop, id } = await refundedUnheard();
    shop.mock.faults.add({
      method: "receipts.cancel",
      kind: "rpc_error",
      code: -31601,
      message: "cancelled",
      times: 1,
    });
    shop.mock.faults.add({ method: "receipts.get", kind: "http_status", status: 502, times: 1 });
    await expect(shop.payments.refund(id)).rejects.toMatchObject({ code: expect.stringMatching(/^(API_|OUTCOME)/) });
    shop.pass(6 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ cancelled: 1 });
    expect(shop.delivery(id)).toMatchObject({ takenBack: 1 });
  });

  it("is not forgotten when Payme cannot be reached the second time", async () => {
    const { shop, id } = await refundedUnheard();
    shop.client.receipts.cancel = async () => {
      throw new PaymeConnectionError("refused");
    };
    await expect(shop.payments.refund(id)).rejects.toBeInstanceOf(PaymeConnectionError);
    shop.pass(6 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ cancelled: 1 });
    expect(shop.delivery(id)).toMatchObject({ takenBack: 1 });
  });
});

describe("a refund that was asked for and never arrived", () => {
  it("is tried again by reconcile until Payme is reached", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_before", times: 1 });
    await expect(shop.payments.refund(id)).rejects.toBeInstanceOf(PaymeOutcomeUnknownError);
    const cancel = shop.client.receipts.cancel;
    shop.client.receipts.cancel = async () => {
      throw new PaymeConnectionError("refused");
    };
    shop.pass(2 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ errors: 1 });
    shop.client.receipts.cancel = cancel;
    shop.pass(6 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ cancelled: 1 });
    expect(shop.delivery(id)).toMatchObject({ takenBack: 1 });
  });

  it("is taken back where Payme was never reached and nobody had asked before", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    shop.client.receipts.cancel = async () => {
      throw new PaymeConnectionError("refused");
    };
    await expect(shop.payments.refund(id)).rejects.toBeInstanceOf(PaymeConnectionError);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: null, nextCheckAt: null });
  });

  it("is asked about less and less often where Payme does not know the receipt any more", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_before", times: 1 });
    await expect(shop.payments.refund(id)).rejects.toThrow();
    shop.mock.reset();
    const asked: number[] = [];
    for (let minute = 1; minute <= 120; minute += 1) {
      shop.pass(MINUTE);
      if ((await shop.payments.reconcile()).checked > 0) asked.push(minute);
    }
    expect(asked).toEqual([2, 3, 5, 10, 20, 35, 65]);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: expect.any(Number) });
  });
});

describe("a payment whose creation failed", () => {
  it("can be cancelled once its receipt is found", async () => {
    const shop = createShop();
    shop.mock.faults.add({ method: "receipts.create", kind: "drop_after", times: 1 });
    await expect(shop.payments.create({ reference: "order:197", amount })).rejects.toThrow();
    const failed = await shop.payments.findByReference("order:197");
    const [receipt] = shop.mock.receipts();
    await shop.payments.check(failed?.id ?? "");
    expect(await shop.payments.cancel(failed?.id ?? "")).toMatchObject({
      outcome: "applied",
      payment: { status: "FAILED", cancelRequestedAt: expect.any(Number) },
    });
    expect((await shop.client.receipts.check(receipt?._id ?? "")).state).toBe(50);
    expect(await shop.storage.findPayment(scope, { id: failed?.id ?? "" })).toMatchObject({ nextCheckAt: null });
  });
});
