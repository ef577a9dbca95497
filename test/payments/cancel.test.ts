import { describe, expect, it } from "vitest";
import { PaymeAPIError, PaymeConnectionError, PaymeOutcomeUnknownError } from "../../src/kit/errors";
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
      outcome: "applied",
      payment: { status: "CANCELLED", transactionId: null },
    });
    expect(shop.mock.exchanges).toEqual([]);
    expect(await shop.story("payment-1")).toEqual(["payment.cancelled"]);
    // Where there is a client, its receipt may just be made: it is looked for.
    const nextCheckAt = "client" in payments ? null : shop.now();
    expect(await shop.payments.find("payment-1")).toMatchObject({ nextCheckAt });
    await shop.storage.addTransaction(transactionRow({ reference: "payment-1", time: shop.now() }));
    expect(await shop.payments.cancel("payment-1")).toMatchObject({ outcome: "already_applied" });
  });

  it("waits for a charge of a payment whose receipt we did not know yet, and not for one that has run out", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now(), chargeUntil: shop.now() + 1 }));
    await expect(shop.payments.cancel("payment-1")).rejects.toThrow(/is being charged/);
    expect(await shop.payments.find("payment-1")).toMatchObject({ status: "PENDING" });
    shop.pass(1);
    expect(await shop.payments.cancel("payment-1")).toMatchObject({ outcome: "applied" });
  });

  it("refuses held money in a shop without a client: nobody would give it back", async () => {
    const shop = createShop({ payments: { mode: "test", client: undefined, payUrl: () => "https://pay.example" } });
    await shop.storage.addPayment(paymentRow({ held: true, heldAt: 1, transactionId: "r1" }));
    await expect(shop.payments.cancel("payment-1")).rejects.toThrow(/only a client gives held money back/);
  });

  it("refuses a payment whose creation failed and left no receipt: there is nothing to cancel", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ status: "FAILED" }));
    await expect(shop.payments.cancel("payment-1")).rejects.toMatchObject({
      code: "CONFLICT",
      message: "the payment's creation failed: there is nothing to cancel",
    });
  });

  it("cancels an unpaid payment at Payme at once, without any refund hook, and a second time changes nothing", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    expect(await shop.payments.cancel(id)).toMatchObject({ outcome: "applied", payment: { status: "CANCELLED" } });
    expect(await shop.payments.cancel(id)).toMatchObject({ outcome: "already_applied" });
    expect((await shop.client.receipts.check(transactionId ?? "")).state).toBe(50);
    expect(shop.delivery(id)).toBeUndefined();
    expect(await shop.story(id)).toEqual(["payment.created", "payment.cancelled"]);
  });

  it("found paid at Payme: the payment is PAID, nothing is given back, and an error says so", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    await expect(shop.payments.cancel(id)).rejects.toMatchObject({
      code: "CONFLICT",
      hint: expect.stringContaining("refund"),
    });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: null });
    expect((await shop.client.receipts.check(transactionId ?? "")).state).toBe(4);
    expect(shop.mock.exchanges.filter(({ method }) => method === "receipts.cancel")).toEqual([]);
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 0 });
  });

  it("without the question first, Payme would give the money back", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    shop.client.receipts.check = async () => ({ state: 0 });
    await shop.payments.cancel(id);
    expect((await shop.client.receipts.get(transactionId ?? "")).state).not.toBe(4);
  });

  it("of a paid payment is refused, and nothing is sent", async () => {
    const { shop, id } = await paidPayment();
    const calls = shop.mock.exchanges.length;
    await expect(shop.payments.cancel(id)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(shop.mock.exchanges).toHaveLength(calls);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: null });
  });

  it("that was wished and got no answer never refunds: paid meanwhile, the wish is dropped", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_before", times: 1 });
    await expect(shop.payments.cancel(id)).rejects.toBeInstanceOf(PaymeOutcomeUnknownError);
    expect(await shop.payments.find(id)).toMatchObject({ cancelRequestedAt: shop.now() });
    await shop.mock.pay(transactionId ?? "", { card });
    for (let minute = 0; minute < 120; minute += 1) {
      shop.pass(60_000);
      await shop.payments.reconcile();
    }
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: null, nextCheckAt: null });
    expect((await shop.client.receipts.check(transactionId ?? "")).state).toBe(4);
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 0 });
  });

  it.each(["drop_before", "drop_after"] as const)("is carried to its end by reconcile (%s)", async (kind) => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    shop.mock.faults.add({ method: "receipts.cancel", kind, times: 1 });
    await expect(shop.payments.cancel(id)).rejects.toThrow();
    shop.pass(120_000);
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 1, cancelled: 1 });
    expect((await shop.client.receipts.check(transactionId ?? "")).state).toBe(50);
  });

  it("leaves no wish where Payme could not be asked whether it is paid", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    shop.mock.faults.add({ method: "receipts.check", kind: "drop_before", times: 1 });
    await expect(shop.payments.cancel(id)).rejects.toThrow();
    const nextCheckAt = shop.now() + 120_000;
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", cancelRequestedAt: null, nextCheckAt });
  });

  it.each(["receipts.check", "receipts.cancel"] as const)(
    "keeps an earlier wish where Payme cannot be reached the second time (%s)",
    async (method) => {
      const shop = createShop();
      const { id } = await shop.payments.create({ amount });
      shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_before", times: 1 });
      await expect(shop.payments.cancel(id)).rejects.toBeInstanceOf(PaymeOutcomeUnknownError);
      const fails = async () => {
        throw new PaymeConnectionError("refused");
      };
      if (method === "receipts.check") shop.client.receipts.check = fails;
      else shop.client.receipts.cancel = fails;
      await expect(shop.payments.cancel(id)).rejects.toBeInstanceOf(PaymeConnectionError);
      expect(await shop.payments.find(id)).toMatchObject({ cancelRequestedAt: expect.any(Number) });
    },
  );

  it.each(["PENDING", "FAILED"] as const)(
    "of a payment that is %s and whose receipt Payme leaves open is an error, and the wish is withdrawn",
    async (status) => {
      const shop = createShop();
      const { id, transactionId } = await shop.payments.create({ amount });
      await shop.storage.changePayment(scope, id, { from: ["PENDING"], to: status, at: shop.now() });
      shop.client.receipts.cancel = () => shop.client.receipts.get(transactionId ?? "");
      await expect(shop.payments.cancel(id)).rejects.toMatchObject({
        code: "API_REFUSED",
        responseData: { state: 0 },
        hint: expect.stringContaining("Look again"),
      });
      expect(await shop.payments.find(id)).toMatchObject({ status, cancelRequestedAt: null });
    },
  );

  it("is a conflict where Payme leaves the receipt open for a Merchant transaction that came meanwhile", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    shop.client.receipts.cancel = async () => {
      await shop.storage.addTransaction(transactionRow({ reference: id, paymeId: "m1", time: shop.now() }));
      return shop.client.receipts.get(transactionId ?? "");
    };
    const cancelled = await shop.payments.cancel(id);
    expect(cancelled).toMatchObject({ outcome: "conflict", payment: { id }, transaction: { paymeId: "m1" } });
  });

  it("does not cancel, and so refund, a receipt that took another amount", async () => {
    const shop = createShop();
    const receipt = await shop.client.receipts.create({ amount, account: { order_id: "payment-1" } });
    await shop.storage.addPayment(paymentRow({ amount: som(1), transactionId: receipt._id, createdAt: shop.now() }));
    await shop.mock.pay(receipt._id, { card });
    await expect(shop.payments.cancel("payment-1")).rejects.toMatchObject({
      responseData: { state: 4 },
      hint: expect.stringContaining("cabinet"),
    });
    expect((await shop.client.receipts.check(receipt._id)).state).toBe(4);
  });

  it("is not decided by a refusal that is not final: the wish stands", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    shop.mock.faults.add({ method: "receipts.cancel", kind: "rpc_error", code: -31002, message: "later", times: 1 });
    await expect(shop.payments.cancel(id)).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
      method: "receipts.cancel",
      settledBy: "receipts.check",
    });
    expect(await shop.payments.find(id)).toMatchObject({ cancelRequestedAt: shop.now() });
  });

  it("is not stopped by a Merchant transaction whose 12 hours are over", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    const time = shop.now() - 13 * 3_600_000;
    await shop.storage.addTransaction(transactionRow({ reference: id, paymeId: "m1", time }));
    expect(await shop.payments.cancel(id)).toMatchObject({ outcome: "applied" });
  });

  it.each([
    ["that pays its receipt now, where no money is held", false, "receipt"],
    ["of another id, where money is held", true, "m1"],
  ])("is a conflict with a Merchant transaction %s", async (_name, held, other) => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    const at = shop.now();
    if (held) await shop.storage.scheduleCheck(scope, id, { at, nextCheckAt: at, held, heldAt: at });
    const paymeId = other === "receipt" ? (transactionId ?? "") : other;
    await shop.storage.addTransaction(transactionRow({ reference: id, paymeId, time: at }));
    expect(await shop.payments.cancel(id)).toMatchObject({ outcome: "conflict", transaction: { paymeId } });
    expect(shop.mock.receipts()).toMatchObject([{ state: 0 }]);
  });

  it("says so where the storage fails", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    shop.storage.transaction = async () => {
      throw new Error("the database is gone");
    };
    await expect(shop.payments.cancel(id)).rejects.toThrow("the database is gone");
  });

  it.each([
    ["with a receipt", {}],
    ["by a link", { client: undefined, payUrl: () => "https://pay.example" }],
  ])("is a conflict while a Merchant transaction of the payment is in progress, %s", async (_name, payments) => {
    const shop = createShop({ payments: { mode: "test", ...payments } });
    const { id, payment } = await shop.payments.create({ amount });
    const calls = shop.mock.exchanges.length;
    await shop.storage.addTransaction(transactionRow({ reference: id, paymeId: "merchant-1", time: shop.now() }));
    expect(await shop.payments.cancel(id)).toMatchObject({
      outcome: "conflict",
      payment: { status: "PENDING" },
      transaction: { paymeId: "merchant-1", state: 1 },
    });
    expect(await shop.payments.find(id)).toEqual(payment);
    expect(shop.mock.exchanges).toHaveLength(calls);
  });

  it("sends a payment made through the Merchant API to the cabinet", async () => {
    const { shop, id, transactionId } = await paidByMerchant();
    await expect(shop.payments.cancel(id)).rejects.toMatchObject({
      code: "CONFLICT",
      hint: expect.stringContaining("CancelTransaction"),
    });
    expect((await shop.client.receipts.check(transactionId)).state).toBe(0);
    const refunded = { from: ["PAID"], to: "CANCELLED", at: shop.now(), refund: "done" } as const;
    await shop.storage.changePayment(scope, id, refunded);
    expect(await shop.payments.cancel(id)).toMatchObject({ outcome: "already_applied" });
  });
});

async function paidByMerchant() {
  const shop = createShop();
  const { id, transactionId } = await shop.payments.create({ amount });
  const change = { from: ["PENDING"], to: "PAID", paidBy: "merchant-1", paidSource: "merchant" } as const;
  await shop.storage.changePayment(scope, id, { ...change, at: shop.now() });
  return { shop, id, transactionId: transactionId ?? "" };
}

describe("refund", () => {
  it("refunds a paid one once, however often it is asked", async () => {
    const { shop, id, transactionId } = await paidPayment();
    expect(await shop.payments.refund(id)).toMatchObject({ refund: "queued", payment: { status: "CANCELLED" } });
    expect(await shop.payments.refund(transactionId)).toMatchObject({ payment: { status: "CANCELLED" } });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 1 });
    expect(await shop.storage.findTransaction(scope, transactionId)).toMatchObject({ state: -2 });
  });

  it("takes the grant back once when asked twenty times at once", async () => {
    const { shop, id } = await paidPayment();
    await Promise.allSettled(Array.from({ length: 20 }, () => shop.payments.refund(id)));
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 1 });
  });

  it("leaves a payment as it was when Payme refuses", async () => {
    const { shop, id } = await paidPayment();
    shop.mock.faults.add({ method: "receipts.cancel", kind: "rpc_error", code: -31601, message: "no", times: 1 });
    const refused = shop.payments.refund(id);
    await expect(refused).rejects.toBeInstanceOf(PaymeAPIError);
    await expect(refused).rejects.toMatchObject({ errorCode: "-31601" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: null, nextCheckAt: null });
    expect(shop.delivery(id)).toMatchObject({ takenBack: 0 });
  });

  it("that Payme answers with a receipt that is still paid is an error, and the wish is withdrawn", async () => {
    const { shop, id, transactionId } = await paidPayment();
    shop.client.receipts.cancel = () => shop.client.receipts.get(transactionId);
    await expect(shop.payments.refund(id)).rejects.toMatchObject({ code: "API_REFUSED", responseData: { state: 4 } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: null, nextCheckAt: null });
  });

  it("that another call has booked meanwhile is not sent again", async () => {
    const { shop, id, transactionId: paymeId } = await paidPayment();
    const { requestCancel } = shop.storage;
    shop.storage.requestCancel = async (...wish) => {
      await shop.payments.recordCancelled({ paymeId, cancelledAt: shop.now(), source: "gateway" });
      return requestCancel(...wish);
    };
    expect(await shop.payments.refund(id)).toMatchObject({ payment: { status: "CANCELLED" } });
    expect(shop.mock.exchanges.filter(({ method }) => method === "receipts.cancel")).toEqual([]);
  });

  it.each([
    ["a payment that no receipt paid", {}],
    ["a payment of a shop without a client", { mode: "test", client: undefined, payUrl: () => "https://pay.example" }],
  ] as const)("sends %s to the cabinet", async (_name, payments) => {
    const shop = createShop({ payments });
    const paidBy = "client" in payments ? "r1" : null;
    const paid = { status: "PAID", paidBy, paidSource: "gateway", paidAt: 1 } as const;
    await shop.storage.addPayment(paymentRow(paid));
    await expect(shop.payments.refund("payment-1")).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("refunded in the Payme cabinet"),
    });
    expect(shop.mock.exchanges).toEqual([]);
  });

  it("is carried to its end by reconcile when Payme's answer was lost", async () => {
    const { shop, id } = await paidPayment();
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_after", times: 1 });
    await expect(shop.payments.refund(id)).rejects.toBeInstanceOf(PaymeOutcomeUnknownError);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: shop.now() });
    shop.pass(120_000);
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 1, cancelled: 1 });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 1 });
    shop.pass(300_000);
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ refund: "done" });
  });

  it("is carried to its end by reconcile when the request itself was lost", async () => {
    const { shop, id } = await paidPayment();
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_before", times: 1 });
    await expect(shop.payments.refund(id)).rejects.toThrow();
    shop.pass(120_000);
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
    expect(shop.delivery(id)).toMatchObject({ takenBack: 1 });
  });

  it.each([
    ["an open payment", {}],
    ["one whose creation failed", { status: "FAILED" }],
    ["one that was cancelled unpaid", { status: "CANCELLED" }],
  ] as const)("refuses %s: that is for cancel", async (_name, row) => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now(), transactionId: "receipt-1", ...row }));
    await expect(shop.payments.refund("payment-1")).rejects.toMatchObject({
      code: "CONFLICT",
      hint: expect.stringContaining("cancel"),
    });
    expect(shop.mock.exchanges).toEqual([]);
    expect(await shop.payments.find("payment-1")).toMatchObject({ cancelRequestedAt: null });
  });

  it("sends a payment made through the Merchant API to the cabinet, and leaves its receipt alone", async () => {
    const { shop, id, transactionId } = await paidByMerchant();
    await expect(shop.payments.refund(id)).rejects.toMatchObject({
      code: "CONFLICT",
      hint: expect.stringContaining("CancelTransaction"),
    });
    expect((await shop.client.receipts.check(transactionId)).state).toBe(0);
  });
});
