import { TransactionState } from "../../../protocol/states";
import { equal, includes } from "../check";
import { cancelling, column, NOW, newEvent, paymentRow, performing, SCOPE, transactionRow } from "../rows";
import { rule, type SuiteCase } from "../under-test";

/** Clocks of servers differ and run back. Order and guards still hold. */
export const clock: readonly SuiteCase[] = [
  rule("a clock that runs back does not break cancel_time >= perform_time >= create_time", async ({ storage }) => {
    await storage.addTransaction(transactionRow());
    await storage.changeTransaction(SCOPE, "payme-1", performing({ at: NOW - 5 }));
    includes(await storage.findTransaction(SCOPE, "payme-1"), { performTime: NOW, cancelTime: 0 }, "once performed");
    const refund = {
      from: TransactionState.PERFORMED,
      to: TransactionState.REFUNDED,
      at: NOW - 9,
      reason: 5,
    } as const;
    await storage.changeTransaction(SCOPE, "payme-1", refund);
    includes(await storage.findTransaction(SCOPE, "payme-1"), { performTime: NOW, cancelTime: NOW }, "once refunded");
    await storage.addTransaction(transactionRow({ paymeId: "payme-2", reference: "order-2" }));
    await storage.changeTransaction(SCOPE, "payme-2", cancelling({ at: 1 }));
    includes(await storage.findTransaction(SCOPE, "payme-2"), { performTime: 0, cancelTime: NOW }, "once cancelled");
    await storage.addPayment(paymentRow());
    await storage.changePayment(SCOPE, "payment-1", { from: ["PENDING"], to: "CANCELLED", at: NOW - 1 });
    const lifted = { updatedAt: NOW, cancelledAt: NOW };
    includes(await storage.findPayment(SCOPE, { id: "payment-1" }), lifted, "a payment");
  }),
  rule("a payment keeps its cancel time when its row changes again", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    await storage.changePayment(SCOPE, "payment-1", {
      from: ["PENDING"],
      to: "CANCELLED",
      at: NOW + 1,
      nextCheckAt: NOW,
    });
    await storage.changePayment(SCOPE, "payment-1", { from: ["CANCELLED"], to: "CANCELLED", at: NOW + 2 });
    const kept = { cancelledAt: NOW + 1, updatedAt: NOW + 2, nextCheckAt: null };
    includes(await storage.findPayment(SCOPE, { id: "payment-1" }), kept, "the row");
  }),
  rule("the storage keeps Payme's times unchanged, however far from ours", async ({ storage }) => {
    await storage.addTransaction(transactionRow({ time: NOW + 86_400_000, createTime: NOW }));
    await storage.addTransaction(
      transactionRow({ paymeId: "payme-2", reference: "order-2", time: 1, createTime: NOW }),
    );
    await storage.changeTransaction(SCOPE, "payme-1", performing());
    includes(await storage.findTransaction(SCOPE, "payme-1"), { time: NOW + 86_400_000, createTime: NOW }, "ahead");
    includes(await storage.findTransaction(SCOPE, "payme-2"), { time: 1, createTime: NOW }, "behind");
    await storage.addPayment(paymentRow());
    const change = { from: ["PENDING"], to: "PAID", at: NOW + 1, paidBy: "payme-1", paidAt: NOW - 50 } as const;
    await storage.changePayment(SCOPE, "payment-1", change);
    includes(
      await storage.findPayment(SCOPE, { id: "payment-1" }),
      { paidAt: NOW - 50, updatedAt: NOW + 1 },
      "paid_at",
    );
  }),
  rule("events and messages keep the order of writing, whatever their times are", async ({ storage }) => {
    for (const at of [NOW + 9, NOW, NOW + 5]) await storage.appendEvents([newEvent({ at, deliverAt: NOW })]);
    const listed = await storage.listEvents(SCOPE, { limit: 9 });
    equal(column(listed, "at"), [NOW + 9, NOW, NOW + 5], "the list");
    const claim = { now: NOW + 10, leaseUntil: NOW + 100, token: "mine", limit: 9 };
    const claimed = await storage.claimEvents(SCOPE, claim);
    equal(column(claimed, "at"), [NOW + 9], "the message to be delivered first");
  }),
  rule("a worker with a slow clock claims nothing that another worker holds", async ({ storage }) => {
    await storage.appendEvents([newEvent({ deliverAt: NOW - 1_000 })]);
    await storage.addPayment(paymentRow({ nextCheckAt: NOW - 1_000 }));
    const claim = (now: number) => ({ now, leaseUntil: now + 100, token: `at ${now}`, limit: 9 });
    const messages = async (now: number) => (await storage.claimEvents(SCOPE, claim(now))).length;
    const payments = async (now: number) => (await storage.claimDuePayments(SCOPE, claim(now))).length;
    equal([await messages(NOW), await payments(NOW)], [1, 1], "the first worker");
    equal([await messages(NOW - 500), await payments(NOW - 500)], [0, 0], "a worker half a second behind");
    equal([await messages(NOW + 99), await payments(NOW + 99)], [0, 0], "a worker ahead, within the lease");
    equal([await messages(NOW + 100), await payments(NOW + 100)], [1, 1], "once the lease is over");
  }),
];
