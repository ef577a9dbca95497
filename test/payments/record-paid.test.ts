import { describe, expect, it } from "vitest";
import type { PaidReport } from "../../src/entry";
import { PaymeEffectError } from "../../src/kit/errors";
import { som, tiyin } from "../../src/kit/money";
import { paymentRow, transactionRow } from "../ledger/rows";
import { card, createShop, scope } from "./shop";

const amount = som(50_000);

async function openPayment(shop = createShop()) {
  const created = await shop.payments.create({ reference: "order:197", amount });
  const report: PaidReport = {
    paymeId: created.transactionId ?? "",
    amount,
    paidAt: shop.now(),
    source: "gateway",
    chequeId: "cheque123",
  };
  return { shop, id: created.id, report };
}

describe("recordPaid", () => {
  it("settles once, 200 times at once", async () => {
    const { shop, id, report } = await openPayment();
    const all = await Promise.all(Array.from({ length: 200 }, () => shop.payments.recordPaid(report)));
    expect(all.filter(({ outcome }) => outcome === "applied")).toHaveLength(1);
    expect(all.filter(({ outcome }) => outcome === "already_applied")).toHaveLength(199);
    expect(shop.delivery(id)).toMatchObject({ delivered: 1 });
    expect(await shop.story(id)).toEqual(["payment.created", "payment.paid"]);
  });

  it("keeps when it was paid, by which id, and the notification's cheque id", async () => {
    const { shop, id, report } = await openPayment();
    await shop.payments.recordPaid({ ...report, paidAt: 1_642_234_567_000 });
    expect(await shop.payments.find(id)).toMatchObject({
      status: "PAID",
      paidAt: 1_642_234_567_000,
      paidBy: report.paymeId,
      paidSource: "gateway",
      chequeId: "cheque123",
      webhookReceivedAt: shop.now(),
      nextCheckAt: null,
    });
    expect(await shop.storage.findTransaction(scope, report.paymeId)).toMatchObject({ state: 2, source: "gateway" });
  });

  it("settles nothing by a notification of another amount, and records an incident", async () => {
    const { shop, id, report } = await openPayment();
    const recorded = await shop.payments.recordPaid({ ...report, amount: tiyin(amount - 1) });
    expect(recorded).toMatchObject({ outcome: "conflict", incident: "amount_mismatch" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", webhookReceivedAt: shop.now() });
    expect(shop.delivery(id)).toBeUndefined();
    expect(shop.incidents).toMatchObject([{ kind: "amount_mismatch", paymeId: report.paymeId }]);
  });

  it("records money for a cancelled payment as an incident, once, and drops nothing", async () => {
    const { shop, id, report } = await openPayment();
    await shop.payments.cancel(id);
    for (let n = 0; n < 3; n += 1) {
      expect(await shop.payments.recordPaid(report)).toMatchObject({
        outcome: "conflict",
        incident: "paid_after_cancel",
      });
    }
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED", paidBy: null });
    expect(await shop.payments.incidents.list()).toMatchObject([{ kind: "paid_after_cancel", subject: id }]);
    expect(shop.delivery(id)).toBeUndefined();
  });

  it("answers a repeated notification after a refund with already_applied", async () => {
    const { shop, id, report } = await openPayment();
    await shop.payments.recordPaid(report);
    await shop.payments.recordCancelled({ paymeId: report.paymeId, cancelledAt: shop.now(), source: "gateway" });
    expect(await shop.payments.recordPaid(report)).toMatchObject({ outcome: "already_applied" });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 1 });
    expect(shop.incidents).toEqual([]);
  });

  it("answers not_found for an id that neither we nor Payme know", async () => {
    const { shop, report } = await openPayment();
    const recorded = await shop.payments.recordPaid({ ...report, paymeId: "64f8a1b2c3d4e5f6a7b8c9d0" });
    expect(recorded).toEqual({ outcome: "not_found", incident: "unknown_transaction" });
    expect(await shop.payments.incidents.list()).toMatchObject([
      { kind: "unknown_transaction", paymeId: "64f8a1b2c3d4e5f6a7b8c9d0" },
    ]);
  });

  it("a repeat with another amount is an incident, and the payment stays paid", async () => {
    const { shop, id, report } = await openPayment();
    await shop.payments.recordPaid(report);
    const repeat = await shop.payments.recordPaid({ ...report, amount: som(1) });
    expect(repeat).toMatchObject({ outcome: "conflict", incident: "amount_mismatch" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", amount });
  });

  it("keeps the order and how the money became known; paid before it was made, it was performed when made", async () => {
    const { shop, id, report } = await openPayment();
    const { createdAt } = (await shop.payments.find(id)) ?? { createdAt: 0 };
    await shop.payments.recordPaid({ ...report, paidAt: createdAt - 1 });
    const transaction = await shop.storage.findTransaction(scope, report.paymeId);
    expect(transaction).toMatchObject({ account: { order_id: id }, performTime: createdAt });
    const [paid] = await shop.storage.listEvents(scope, { subject: id, kinds: ["payment.paid"], limit: 1 });
    expect(paid).toMatchObject({ paymeId: report.paymeId, data: { source: "gateway" } });
  });

  it("keeps the first notification, and later only another cheque id", async () => {
    const { shop, id, report } = await openPayment();
    const first = shop.now();
    await shop.payments.recordPaid(report);
    const row = async () => shop.payments.find(id);
    const before = await row();
    shop.pass(1_000);
    for (const chequeId of ["cheque123", null, undefined]) {
      expect(await shop.payments.recordPaid({ ...report, chequeId })).toEqual({
        outcome: "already_applied",
        row: before,
      });
    }
    await shop.payments.recordPaid({ ...report, source: "receipt", chequeId: "of a receipt" });
    expect(await row()).toEqual(before);
    await shop.payments.recordPaid({ ...report, chequeId: "cheque124" });
    expect(await row()).toMatchObject({ chequeId: "cheque124", webhookReceivedAt: first });
  });

  it("counts as notified only what came as a notification", async () => {
    const { shop, id, report } = await openPayment();
    await shop.payments.recordPaid({ ...report, source: "receipt" });
    await shop.payments.recordPaid({ ...report, source: "receipt" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", webhookReceivedAt: null });
    expect(await shop.payments.statistics()).toMatchObject({ paid: 1, notified: 0 });
  });

  it("finds by the description the payment of a receipt whose account a virtual terminal replaced", async () => {
    const { shop } = await openPayment();
    await shop.storage.addPayment(paymentRow({ amount, createdAt: shop.now() }));
    const receipt = await shop.client.receipts.create({
      amount,
      account: { order_id: "terminal-7" },
      description: "Order 197 payment-1",
    });
    const report = { paymeId: receipt._id, amount, paidAt: shop.now(), source: "gateway" } as const;
    expect(await shop.payments.recordPaid(report)).toMatchObject({ outcome: "applied", row: { id: "payment-1" } });
  });

  it("answers not_found for a receipt that carries no id of ours, or that is another one than was asked for", async () => {
    const { shop, report } = await openPayment();
    const receipt = await shop.client.receipts.create({ amount, account: { order_id: "not ours" } });
    const { get } = shop.client.receipts;
    const without = { ...(await get(receipt._id)), description: undefined };
    shop.client.receipts.get = async () => without;
    expect(await shop.payments.recordPaid({ ...report, paymeId: receipt._id })).toMatchObject({ outcome: "not_found" });
    await shop.storage.addPayment(paymentRow({ amount, createdAt: shop.now() }));
    const ours = await shop.client.receipts.create({ amount, account: { order_id: "payment-1" } });
    shop.client.receipts.get = () => get(ours._id);
    expect(await shop.payments.recordPaid({ ...report, paymeId: "another" })).toMatchObject({ outcome: "not_found" });
    expect(await shop.payments.find("payment-1")).toMatchObject({ transactionId: null });
  });

  it("answers not_found for an id that cannot be one", async () => {
    const { shop, report } = await openPayment();
    for (const paymeId of ["a b", "'; DROP TABLE payment; --", "ў"]) {
      expect(await shop.payments.recordPaid({ ...report, paymeId })).toMatchObject({ outcome: "not_found" });
    }
  });

  it("throws for an unknown id while Payme cannot be asked, so that the notification comes again", async () => {
    const { shop, report } = await openPayment();
    shop.mock.faults.add({ method: "receipts.get", kind: "rpc_error", code: -32504, message: "Access denied." });
    await expect(shop.payments.recordPaid({ ...report, paymeId: "64f8a1b2c3d4e5f6a7b8c9d0" })).rejects.toThrow(
      "Access denied",
    );
    expect(await shop.payments.incidents.list()).toEqual([]);
  });

  it("does not attach somebody else's receipt that carries one of our ids with another amount", async () => {
    const { shop, id, report } = await openPayment();
    const foreign = await shop.client.receipts.create({ amount: som(1), account: { order_id: id } });
    const recorded = await shop.payments.recordPaid({ ...report, paymeId: foreign._id, amount: som(1) });
    expect(recorded.outcome).toBe("not_found");
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", transactionId: report.paymeId });
  });

  it.each([
    ["another amount at Payme, which the report says too", som(1), som(1)],
    ["another amount at Payme than the report says", som(1), amount],
    ["the payment's amount at Payme, and another in the report", amount, som(1)],
  ])("attaches no receipt of a stranger to a payment without one: %s", async (_name, atPayme, reported) => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ amount, createdAt: shop.now() }));
    const foreign = await shop.client.receipts.create({ amount: atPayme, account: { order_id: "payment-1" } });
    const report = { paymeId: foreign._id, amount: reported, paidAt: shop.now(), source: "gateway" } as const;
    expect(await shop.payments.recordPaid(report)).toEqual({ outcome: "not_found", incident: "unknown_transaction" });
    expect(await shop.payments.find("payment-1")).toMatchObject({ status: "PENDING", transactionId: null });
    expect(shop.delivery("payment-1")).toBeUndefined();
  });

  it("finds the payment of a receipt whose creation was never answered", async () => {
    const shop = createShop();
    shop.mock.faults.add({ method: "receipts.create", kind: "drop_after", times: 1 });
    await expect(shop.payments.create({ reference: "order:197", amount })).rejects.toThrow();
    const [receipt] = shop.mock.receipts();
    const paymeId = receipt?._id ?? "";
    const recorded = await shop.payments.recordPaid({ paymeId, amount, paidAt: shop.now(), source: "gateway" });
    expect(recorded).toMatchObject({ outcome: "applied", row: { status: "PAID", transactionId: paymeId } });
    expect(shop.mock.receipts()).toHaveLength(1);
  });

  it("undoes everything when onPaid throws, and settles when the notification comes again", async () => {
    let works = false;
    const onPaid = () => {
      if (!works) throw new Error("no stock");
      return true;
    };
    const { shop, id, report } = await openPayment(createShop({ payments: { onPaid } }));
    await expect(shop.payments.recordPaid(report)).rejects.toBeInstanceOf(PaymeEffectError);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", paidBy: null });
    expect(await shop.storage.findTransaction(scope, report.paymeId)).toBeUndefined();
    works = true;
    expect(await shop.payments.recordPaid(report)).toMatchObject({ outcome: "applied" });
  });

  it("calls onConflict for conflicts only, and onIncident for all", async () => {
    const conflicts: string[] = [];
    const onConflict = ({ kind }: { kind: string }) => conflicts.push(kind);
    const { shop, report } = await openPayment(createShop({ payments: { onConflict } }));
    await shop.payments.recordPaid({ ...report, amount: som(1) });
    await shop.payments.recordPaid({ ...report, paymeId: "unknown" });
    expect(conflicts).toEqual(["amount_mismatch"]);
    expect(shop.incidents.map(({ kind }) => kind)).toEqual(["amount_mismatch", "unknown_transaction"]);
  });

  it("gives one consistent end when a cancel and a payment race", async () => {
    for (let round = 0; round < 20; round += 1) {
      const { shop, id, report } = await openPayment();
      const cancelled = { paymeId: report.paymeId, cancelledAt: shop.now(), source: "gateway" } as const;
      const jobs = [() => shop.payments.recordPaid(report), () => shop.payments.recordCancelled(cancelled)];
      await Promise.all((round % 2 === 0 ? jobs : jobs.reverse()).map((job) => job()));
      const payment = await shop.payments.find(id);
      expect(payment?.status).toBe("CANCELLED");
      const delivery = shop.delivery(id) ?? { delivered: 0, takenBack: 0 };
      expect(delivery.delivered).toBe(delivery.takenBack);
      expect(delivery.delivered).toBe(payment?.paidBy === null ? 0 : 1);
    }
  });
});

describe("an incident of money", () => {
  it("has the amount, when and how it came", async () => {
    const shop = createShop();
    const report = {
      paymeId: "65a0c1d2e3f4a5b6c7d8e9f0",
      amount: som(7),
      paidAt: shop.now() - 1,
      source: "gateway",
    } as const;
    expect(await shop.payments.recordPaid(report)).toEqual({ outcome: "not_found", incident: "unknown_transaction" });
    const { amount, paidAt, source, paymeId } = report;
    expect(shop.incidents).toEqual([
      {
        ...scope,
        kind: "unknown_transaction",
        subject: paymeId,
        paymeId,
        at: shop.now(),
        data: { amount, paidAt, source },
      },
    ]);
  });

  it("has them too where a hook failed: of what is paid, and of what is given back", async () => {
    const fails = () => Promise.reject(new Error("no stock"));
    const shop = createShop({ payments: { newId: () => "error-1", onRefunded: fails } });
    const { id, transactionId } = await shop.payments.create({ amount: som(7) });
    const paymeId = transactionId ?? "";
    await shop.mock.pay(paymeId, { card });
    await shop.payments.check(id);
    await expect(shop.payments.refund(id)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
    const data = { amount: som(7), source: "receipt", errorId: "error-1" };
    expect(shop.incidents).toMatchObject([{ kind: "effect_failed", subject: id, paymeId, data }]);
    const other = createShop({ payments: { newId: () => "error-1", onPaid: fails } });
    const { transactionId: receiptId } = await other.payments.create({ amount: som(7) });
    const report = { paymeId: receiptId ?? "", amount: som(7), paidAt: other.now(), source: "gateway" } as const;
    await expect(other.payments.recordPaid(report)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
    const paid = { amount: som(7), paidAt: other.now(), source: "gateway", errorId: "error-1" };
    expect(other.incidents).toMatchObject([{ kind: "effect_failed", data: paid }]);
  });
});

it("the end of a receipt leaves its payment due where a Merchant transaction of another id holds it", async () => {
  const shop = createShop();
  const { id, transactionId } = await shop.payments.create({ amount: som(7) });
  const paymeId = transactionId ?? "";
  const live = {
    paymeId: "m1",
    transaction: id,
    reference: id,
    amount: som(7),
    time: shop.now(),
    createTime: shop.now(),
  };
  await shop.storage.addTransaction(transactionRow({ ...scope, ...live }));
  const before = await shop.payments.find(id);
  const report = { paymeId, cancelledAt: shop.now(), source: "gateway" } as const;
  expect(await shop.payments.recordCancelled(report)).toMatchObject({ outcome: "conflict" });
  const after = await shop.payments.find(id);
  expect(after).toMatchObject({ status: "PENDING", nextCheckAt: before?.nextCheckAt });
  expect(after?.nextCheckAt).not.toBeNull();
  expect(await shop.storage.findTransaction(scope, paymeId)).toMatchObject({ state: -1, source: "gateway" });
});

it("an id that has paid something else pays nothing here: no goods, and an incident", async () => {
  const { shop, id, report } = await openPayment();
  const other = { paymeId: report.paymeId, source: "receipt", transaction: "other", reference: "other" } as const;
  await shop.storage.addTransaction(transactionRow({ ...scope, ...other, state: 2, performTime: shop.now(), amount }));
  expect(await shop.payments.recordPaid(report)).toMatchObject({ outcome: "conflict", incident: "double_payment" });
  expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", paidBy: null, paidAt: null });
  expect(shop.delivery(id)).toBeUndefined();
});

it.each([
  ["queued", ["paid_elsewhere"]],
  ["done", []],
] as const)(
  "a refund that is %s leaves the incidents %j of money that nobody could give goods for",
  async (refund, left) => {
    const shop = createShop({ payments: { onPaid: () => false } });
    const { report } = await openPayment(shop);
    expect(await shop.payments.recordPaid(report)).toMatchObject({ incident: "paid_elsewhere" });
    const cancelled = { paymeId: report.paymeId, cancelledAt: shop.now(), source: "gateway", refund } as const;
    expect(await shop.payments.recordCancelled(cancelled)).toMatchObject({ outcome: "applied", row: { refund } });
    expect((await shop.payments.incidents.list()).map(({ kind }) => kind)).toEqual(left);
  },
);
