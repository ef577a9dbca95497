import type { PaymentRow, Scope, Verbs } from "../../../ledger";
import { equal, includes } from "../check";
import { NOW, newEvent, OTHER_SCOPES, paying, paymentRow, SCOPE, transactionRow, UNPAID } from "../rows";
import { rule, type SuiteCase } from "../under-test";

const times = { at: NOW + 1, nextCheckAt: NOW + 2 };
const receipt = { transactionId: "receipt-new", chequeId: "cheque-1", payUrl: "https://pay.example" };

/** The verbs that change one payment. */
const PAYMENT_CHANGES: Readonly<
  Record<string, (verbs: Verbs, scope: Scope, id: string) => Promise<{ readonly outcome: string }>>
> = {
  changePayment: (verbs, scope, id) => verbs.changePayment(scope, id, paying()),
  attachReceipt: (verbs, scope, id) => verbs.attachReceipt(scope, id, { ...receipt, ...times }),
  requestCancel: (verbs, scope, id) => verbs.requestCancel(scope, id, { ...times, from: UNPAID }),
  withdrawCancel: (verbs, scope, id) => verbs.withdrawCancel(scope, id, times),
  scheduleCheck: (verbs, scope, id) => verbs.scheduleCheck(scope, id, { ...times, held: true }),
  claimCharge: (verbs, scope, id) => verbs.claimCharge(scope, id, { at: NOW + 1, until: NOW + 9 }),
  releaseCharge: (verbs, scope, id) => verbs.releaseCharge(scope, id, { ...times, until: NOW + 5 }),
  noteNotification: (verbs, scope, id) => verbs.noteNotification(scope, id, { at: NOW + 1 }),
};

/** A payment that the verb can change. */
function paymentFor(verb: string, id: string): PaymentRow {
  return paymentRow({
    id,
    nextCheckAt: NOW,
    transactionId: verb === "attachReceipt" ? null : `receipt-${id}`,
    cancelRequestedAt: verb === "withdrawCancel" ? NOW : null,
    chargeUntil: verb === "releaseCharge" ? NOW + 5 : null,
  });
}

/** A call changes only the row that it names. */
export const bystanders: readonly SuiteCase[] = [
  rule("a change of one payment leaves all other payments alone", async ({ storage }) => {
    for (const [verb, change] of Object.entries(PAYMENT_CHANGES)) {
      const rows = ["a", "b", "c"].map((id) => paymentFor(verb, `${verb}-${id}`));
      for (const row of rows) await storage.addPayment(row);
      equal((await change(storage, SCOPE, `${verb}-b`)).outcome, "applied", verb);
      for (const row of rows.filter(({ id }) => id !== `${verb}-b`)) {
        equal(await storage.findPayment(SCOPE, { id: row.id }), row, `another payment after ${verb}`);
      }
    }
  }),
  rule("no verb reaches a payment of another cashbox or mode", async ({ storage }) => {
    for (const [verb, change] of Object.entries(PAYMENT_CHANGES)) {
      const row = paymentFor(verb, verb);
      await storage.addPayment(row);
      for (const scope of OTHER_SCOPES) {
        equal(await change(storage, scope, verb), { outcome: "not_found" }, `${verb} from another scope`);
        equal(await storage.findPayment(SCOPE, { id: verb }), row, `the payment after ${verb}`);
      }
    }
  }),
  rule("only the open payment of a reference loses the reference to a new one", async ({ storage }) => {
    const rows = [
      paymentRow({ id: "other", reference: "order-2" }),
      paymentRow({ id: "failed", reference: "order-1", status: "FAILED" }),
      ...OTHER_SCOPES.map((scope, n) => paymentRow({ ...scope, id: `scope-${n}`, reference: "order-1" })),
    ];
    for (const row of rows) await storage.addPayment(row);
    const freeing = { freeReferenceBefore: NOW + 1 };
    await storage.addPayment(paymentRow({ id: "new", reference: "order-1", createdAt: NOW + 9 }), freeing);
    for (const row of rows) equal(await storage.findPayment(row, { id: row.id }), row, row.id);
  }),
  rule("a reference finds its newest payment; of equally old payments, the last id", async ({ storage }) => {
    const failed = (id: string, reference: string, createdAt: number) =>
      storage.addPayment(paymentRow({ id, reference, createdAt, status: "FAILED" }));
    await failed("b", "order-1", NOW);
    await failed("a", "order-1", NOW);
    await failed("c", "order-2", NOW + 5);
    equal((await storage.findPayment(SCOPE, { reference: "order-1" }))?.id, "b", "the newest");
  }),
  rule("a change of one transaction leaves all others alone, and its reason unless given", async ({ storage }) => {
    const others = [
      transactionRow({ paymeId: "payme-2", reference: "order-2" }),
      ...OTHER_SCOPES.map((scope) => transactionRow(scope)),
    ];
    await storage.addTransaction(transactionRow({ reason: 4 }));
    for (const row of others) await storage.addTransaction(row);
    await storage.changeTransaction(SCOPE, "payme-1", { from: 1, to: -1, at: NOW });
    for (const type of ["PERFORM", "CANCEL"] as const) await storage.saveFiscalData(SCOPE, "payme-1", type, { n: 1 });
    for (const row of others) equal(await storage.findTransaction(row, row.paymeId), row, "another transaction");
    includes(await storage.findTransaction(SCOPE, "payme-1"), { reason: 4 }, "the reason");
  }),
  rule("expired transactions, counts and open incidents belong to one scope", async ({ storage }) => {
    await storage.addTransaction(transactionRow());
    await storage.addPayment(paymentRow({ status: "FAILED", errorCode: "-31630" }));
    await storage.appendEvents([newEvent({ kind: "double_payment", paymeId: "payme-1" })]);
    for (const scope of OTHER_SCOPES) {
      equal(await storage.listExpired(scope, { before: NOW + 1, limit: 9 }), [], "expired there");
      const counted = { total: 0, failed: 0, errorCodes: [], incidents: 0 };
      includes(await storage.paymentStatistics(scope), counted, "counted there");
    }
  }),
];
