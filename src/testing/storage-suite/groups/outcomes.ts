import { equal } from "../check";
import {
  cancelling,
  chargeable,
  column,
  NOW,
  newEvent,
  paying,
  paymentRow,
  performing,
  SCOPE,
  transactionRow,
  UNPAID,
} from "../rows";
import { rule, type SuiteCase } from "../under-test";

/** Verbs return the right outcome, with the stored row. */
export const outcomes: readonly SuiteCase[] = [
  rule("addTransaction: applied, already_applied, order_busy, each with the stored row", async ({ storage }) => {
    const first = transactionRow();
    equal(await storage.addTransaction(first), { outcome: "applied", row: first }, "the first");
    const repeated = await storage.addTransaction(transactionRow({ time: 1 }));
    equal(repeated, { outcome: "already_applied", row: first }, "the same Payme id");
    const second = await storage.addTransaction(transactionRow({ paymeId: "payme-2" }));
    equal(second, { outcome: "order_busy", row: first }, "another for the same order");
  }),
  rule("addTransaction looks for the Payme id before the order", async ({ storage }) => {
    const cancelled = transactionRow({ paymeId: "payme-1", state: -1 });
    await storage.addTransaction(cancelled);
    await storage.addTransaction(transactionRow({ paymeId: "payme-2" }));
    const repeated = await storage.addTransaction(transactionRow({ paymeId: "payme-1" }));
    equal(repeated, { outcome: "already_applied", row: cancelled }, "the known id");
  }),
  rule("changeTransaction: applied, already_applied, conflict, not_found", async ({ storage }) => {
    await storage.addTransaction(transactionRow());
    const performed = transactionRow({ state: 2, performTime: NOW + 10 });
    const change = (paymeId: string, to: "perform" | "cancel") =>
      storage.changeTransaction(SCOPE, paymeId, to === "perform" ? performing() : cancelling());
    equal(await change("payme-1", "perform"), { outcome: "applied", row: performed }, "the first");
    equal(await change("payme-1", "perform"), { outcome: "already_applied", row: performed }, "the same again");
    equal(
      await change("payme-1", "cancel"),
      { outcome: "conflict", row: performed },
      "a change that is no longer possible",
    );
    equal(await change("payme-9", "perform"), { outcome: "not_found" }, "an unknown id");
  }),
  rule("saveFiscalData: applied, already_applied, not_found", async ({ storage }) => {
    await storage.addTransaction(transactionRow());
    const saved = await storage.saveFiscalData(SCOPE, "payme-1", "CANCEL", { receipt_id: 1 });
    equal(saved, { outcome: "applied", row: transactionRow({ fiscalCancel: { receipt_id: 1 } }) }, "the first");
    const again = await storage.saveFiscalData(SCOPE, "payme-1", "CANCEL", { receipt_id: 1 });
    equal(again, { ...saved, outcome: "already_applied" }, "the same again");
    equal(await storage.saveFiscalData(SCOPE, "payme-9", "CANCEL", {}), { outcome: "not_found" }, "an unknown id");
  }),
  rule("addPayment: applied; already_applied with the payment of that id or open reference", async ({ storage }) => {
    const first = paymentRow({ reference: "order-1" });
    equal(await storage.addPayment(first), { outcome: "applied", row: first }, "the first");
    const same = await storage.addPayment(paymentRow({ reference: "order-2", data: 1 }));
    equal(same, { outcome: "already_applied", row: first }, "the same id");
    const named = await storage.addPayment(paymentRow({ id: "payment-2", reference: "order-1" }));
    equal(named, { outcome: "already_applied", row: first }, "the same reference");
  }),
  rule("a payment by the Payme id that paid it is a repeat in every later status", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    const pay = async (paidBy: string) => (await storage.changePayment(SCOPE, "payment-1", paying({ paidBy }))).outcome;
    equal(await pay("payme-1"), "applied", "the first");
    equal([await pay("payme-1"), await pay("payme-2")], ["already_applied", "conflict"], "once PAID");
    await storage.changePayment(SCOPE, "payment-1", { from: ["PAID"], to: "CANCELLED", at: NOW + 20 });
    equal([await pay("payme-1"), await pay("payme-2")], ["already_applied", "conflict"], "once refunded");
  }),
  rule("changePayment: conflict for a cancelled unpaid payment, not_found, and repeats", async ({ storage }) => {
    const cancelled = paymentRow({ status: "CANCELLED", cancelledAt: NOW + 1, updatedAt: NOW + 1 });
    await storage.addPayment(paymentRow());
    const cancel = () => storage.changePayment(SCOPE, "payment-1", { from: ["PENDING"], to: "CANCELLED", at: NOW + 1 });
    equal(await cancel(), { outcome: "applied", row: cancelled }, "the first");
    equal(await cancel(), { outcome: "already_applied", row: cancelled }, "the same again");
    const paid = await storage.changePayment(SCOPE, "payment-1", paying());
    equal(paid, { outcome: "conflict", row: cancelled }, "a payment of it");
    equal(await storage.changePayment(SCOPE, "payment-9", paying()), { outcome: "not_found" }, "an unknown id");
  }),
  rule("attachReceipt: applied, already_applied, conflict, not_found", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    const receipt = { transactionId: "receipt-1", chequeId: "cheque-1", payUrl: "https://pay.example" };
    const attach = (id: string, transactionId: string) =>
      storage.attachReceipt(SCOPE, id, { ...receipt, transactionId, at: NOW + 1, nextCheckAt: NOW + 2 });
    const row = paymentRow({ ...receipt, updatedAt: NOW + 1, nextCheckAt: NOW + 2 });
    equal(await attach("payment-1", "receipt-1"), { outcome: "applied", row }, "the first");
    equal(await attach("payment-1", "receipt-1"), { outcome: "already_applied", row }, "the same again");
    equal(await attach("payment-1", "receipt-2"), { outcome: "conflict", row }, "another receipt");
    equal(await attach("payment-9", "receipt-1"), { outcome: "not_found" }, "an unknown id");
  }),
  rule("requestCancel and withdrawCancel: applied, already_applied, conflict, not_found", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    const times = { from: UNPAID, at: NOW + 1, nextCheckAt: NOW + 2 };
    const request = async (id = "payment-1") => (await storage.requestCancel(SCOPE, id, times)).outcome;
    const withdraw = async (id = "payment-1") => (await storage.withdrawCancel(SCOPE, id, times)).outcome;
    equal([await request(), await request()], ["applied", "already_applied"], "asked for twice");
    equal([await withdraw(), await withdraw()], ["applied", "already_applied"], "withdrawn twice");
    await storage.addPayment(paymentRow({ id: "paid", status: "PAID" }));
    equal(await request("paid"), "conflict", "a status that the request does not name");
    await storage.changePayment(SCOPE, "payment-1", { from: ["PENDING"], to: "CANCELLED", at: NOW });
    equal([await request(), await withdraw()], ["already_applied", "conflict"], "once cancelled");
    equal([await request("none"), await withdraw("none")], ["not_found", "not_found"], "an unknown id");
  }),
  rule("claimCharge and releaseCharge: applied, conflict, not_found", async ({ storage }) => {
    await storage.addPayment(chargeable());
    const claim = async (id: string) => (await storage.claimCharge(SCOPE, id, { at: NOW, until: NOW + 9 })).outcome;
    const release = async (id: string) =>
      (await storage.releaseCharge(SCOPE, id, { at: NOW, until: NOW + 9, nextCheckAt: NOW })).outcome;
    equal([await claim("payment-1"), await claim("payment-1")], ["applied", "conflict"], "claimed twice");
    equal([await release("payment-1"), await release("payment-1")], ["applied", "conflict"], "released twice");
    equal([await claim("none"), await release("none")], ["not_found", "not_found"], "an unknown id");
  }),
  rule("scheduleCheck and noteNotification: applied, conflict, not_found", async ({ storage }) => {
    await storage.addPayment(paymentRow({ nextCheckAt: NOW }));
    await storage.addPayment(paymentRow({ id: "ended", status: "PAID" }));
    const schedule = async (id: string) =>
      (await storage.scheduleCheck(SCOPE, id, { at: NOW, nextCheckAt: NOW + 1, held: false })).outcome;
    const note = async (id: string) => (await storage.noteNotification(SCOPE, id, { at: NOW })).outcome;
    const ids = ["payment-1", "ended", "none"];
    equal(await Promise.all(ids.map(schedule)), ["applied", "conflict", "not_found"], "scheduleCheck");
    equal(await Promise.all(ids.map(note)), ["applied", "applied", "not_found"], "noteNotification");
  }),
  rule("appendEvents returns the written events without those that existed", async ({ storage }) => {
    const incident = newEvent({ kind: "double_payment", paymeId: "payme-1" });
    equal((await storage.appendEvents([newEvent(), incident])).length, 2, "the first time");
    const again = await storage.appendEvents([incident, newEvent()]);
    equal(column(again, "kind"), ["payment.paid"], "the second time");
  }),
  rule("closeEvent: applied, already_applied, conflict, not_found", async ({ storage }) => {
    const [message, incident] = await storage.appendEvents([
      newEvent({ deliverAt: NOW }),
      newEvent({ kind: "double_payment", paymeId: "payme-1", subject: "other" }),
    ]);
    await storage.claimEvents(SCOPE, { now: NOW, leaseUntil: NOW + 1, token: "mine", limit: 9 });
    const deliver = async (id: number | undefined, token: string) =>
      (await storage.closeEvent(SCOPE, id ?? 0, { result: "delivered", token, at: NOW })).outcome;
    const resolve = async (id: number | undefined) =>
      (await storage.closeEvent(SCOPE, id ?? 0, { result: "resolved", by: "me", note: "", at: NOW })).outcome;
    equal(await deliver(message?.id, "another's"), "conflict", "another's lease");
    equal([await deliver(message?.id, "mine"), await deliver(message?.id, "mine")], ["applied", "conflict"], "twice");
    equal([await resolve(incident?.id), await resolve(incident?.id)], ["applied", "already_applied"], "resolved twice");
    equal([await deliver(0, "mine"), await resolve(0)], ["not_found", "not_found"], "an unknown id");
  }),
];
