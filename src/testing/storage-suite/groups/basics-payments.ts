import { tiyin } from "../../../kit/money";
import { equal, includes } from "../check";
import { column, FULL_PAYMENT, MOST, NOW, newEvent, OTHER_SCOPES, paying, paymentRow, SCOPE, UNPAID } from "../rows";
import { rule, type SuiteCase } from "../under-test";

const ID = { id: "payment-1" };

/** Payments are stored, found and changed. */
export const paymentBasics: readonly SuiteCase[] = [
  rule("finds and counts no payment in an empty database", async ({ storage }) => {
    for (const key of [ID, { paymeId: "payme-1" }, { reference: "order-1" }]) {
      equal(await storage.findPayment(SCOPE, key), undefined, `a payment by ${Object.keys(key)}`);
    }
    equal(await storage.listPending(SCOPE, { before: MOST, limit: 9 }), [], "listPending");
    equal(await storage.claimDuePayments(SCOPE, { now: MOST, leaseUntil: MOST, limit: 9 }), [], "claimDuePayments");
    equal(await storage.paymentStatistics(SCOPE), NOTHING, "paymentStatistics");
  }),
  rule("returns a payment unchanged: every column, any text", async ({ storage }) => {
    await storage.addPayment(FULL_PAYMENT);
    await storage.addPayment(paymentRow({ id: "payment-2" }));
    equal(await storage.findPayment(SCOPE, ID), FULL_PAYMENT, "the full row");
    equal(await storage.findPayment(SCOPE, { id: "payment-2" }), paymentRow({ id: "payment-2" }), "the bare row");
  }),
  rule("returns any JSON unchanged", async ({ storage }) => {
    for (const [index, data] of ["text", 0, false, [], {}, "", "null", "{}", HARD_JSON].entries()) {
      await storage.addPayment(paymentRow({ id: `payment-${index}`, data }));
      equal((await storage.findPayment(SCOPE, { id: `payment-${index}` }))?.data, data, "the data");
    }
  }),
  rule("keeps cashboxes and modes apart", async ({ storage }) => {
    await storage.addPayment(paymentRow({ reference: "order-1", nextCheckAt: NOW, transactionId: "receipt-1" }));
    for (const scope of OTHER_SCOPES) {
      for (const key of [ID, { paymeId: "receipt-1" }, { reference: "order-1" }]) {
        equal(await storage.findPayment(scope, key), undefined, `another scope's payment by ${Object.keys(key)}`);
      }
      equal((await storage.changePayment(scope, "payment-1", paying())).outcome, "not_found", "a change from there");
      equal(await storage.listPending(scope, { before: MOST, limit: 9 }), [], "listPending there");
      const claim = { now: MOST, leaseUntil: MOST, limit: 9 };
      equal(await storage.claimDuePayments(scope, claim), [], "claimDuePayments there");
      equal(await storage.paymentStatistics(scope), NOTHING, "paymentStatistics there");
      const twin = paymentRow({ ...scope, id: `payment-${scope.cashbox}-${scope.mode}`, reference: "order-1" });
      equal((await storage.addPayment(twin)).outcome, "applied", "the same reference in another scope");
    }
  }),
  rule("finds the payment of a reference that was paid, refunded or not, beside an open one", async ({ storage }) => {
    const add = (id: string, row: Parameters<typeof paymentRow>[0]) =>
      storage.addPayment(paymentRow({ id, reference: "order-1", ...row }));
    const paid = async () => (await storage.findPayment(SCOPE, { reference: "order-1", paid: true }))?.id;
    await add("open", { createdAt: NOW + 9 });
    await add("other", { reference: "order-2", paidAt: NOW, status: "PAID" });
    for (const [index, scope] of OTHER_SCOPES.entries())
      await add(`${index}`, { ...scope, paidAt: NOW, status: "PAID" });
    equal(await paid(), undefined, "before one is paid");
    await add("refunded", { paidAt: NOW, status: "CANCELLED" });
    equal(await paid(), "refunded", "a refunded one");
    await add("paid", { createdAt: NOW + 1, paidAt: NOW, status: "PAID" });
    equal(await paid(), "paid", "the newest of two");
  }),
  rule("finds a payment by receipt, Payme id or reference (the open one, else the newest)", async ({ storage }) => {
    await storage.addPayment(paymentRow({ id: "old", reference: "order-1", createdAt: NOW, status: "FAILED" }));
    await storage.addPayment(paymentRow({ id: "open", reference: "order-1", createdAt: NOW + 1 }));
    await storage.addPayment(paymentRow({ id: "new", reference: "order-1", createdAt: NOW + 2, status: "FAILED" }));
    const idOf = async (key: { reference: string } | { paymeId: string }) =>
      (await storage.findPayment(SCOPE, key))?.id;
    equal(await idOf({ reference: "order-1" }), "open", "the open one");
    const receipt = { chequeId: "cheque-1", payUrl: "https://pay.example", at: NOW, nextCheckAt: NOW };
    await storage.attachReceipt(SCOPE, "open", { ...receipt, transactionId: "receipt-1" });
    await storage.changePayment(SCOPE, "open", paying({ paidBy: "payme-7" }));
    equal(await idOf({ reference: "order-1" }), "new", "the newest");
    equal(await idOf({ paymeId: "receipt-1" }), "open", "by its receipt");
    equal(await idOf({ paymeId: "payme-7" }), "open", "by the Payme id that paid it");
  }),
  rule("a change sets only the columns that it names", async ({ storage }) => {
    await storage.addPayment(paymentRow({ nextCheckAt: NOW, held: true, chequeId: "cheque-1", errorCode: "-1" }));
    const named = {
      chequeId: "cheque-2",
      webhookReceivedAt: NOW + 7,
      errorMessage: "late",
      amount: tiyin(5_000_000),
    };
    const changed = await storage.changePayment(SCOPE, "payment-1", paying(named));
    const paid = paymentRow({
      status: "PAID",
      updatedAt: NOW + 10,
      paidBy: "payme-1",
      paidSource: "gateway",
      paidAt: NOW + 9,
      chequeId: "cheque-2",
      webhookReceivedAt: NOW + 7,
      errorCode: "-1",
      errorMessage: "late",
    });
    equal(changed, { outcome: "applied", row: paid }, "the outcome");
    equal(await storage.findPayment(SCOPE, ID), paid, "the row once PAID");
    await storage.changePayment(SCOPE, "payment-1", { from: ["PAID"], to: "CANCELLED", at: NOW + 20 });
    const refunded = { ...paid, status: "CANCELLED", updatedAt: NOW + 20, cancelledAt: NOW + 20 };
    equal(await storage.findPayment(SCOPE, ID), refunded, "the row once CANCELLED");
  }),
  rule("a wish to cancel ends where the money came first, and Payme is asked once more", async ({ storage }) => {
    await storage.addPayment(paymentRow({ id: "plain", nextCheckAt: NOW }));
    await storage.addPayment(paymentRow({ id: "cancelling", nextCheckAt: NOW, cancelRequestedAt: NOW }));
    const nextCheckAt = async (id: string) => (await storage.findPayment(SCOPE, { id }))?.nextCheckAt;
    for (const id of ["plain", "cancelling"]) await storage.changePayment(SCOPE, id, paying());
    equal([await nextCheckAt("plain"), await nextCheckAt("cancelling")], [null, NOW], "the next check, once PAID");
    includes(await storage.findPayment(SCOPE, { id: "cancelling" }), { cancelRequestedAt: null }, "the wish");
    await storage.requestCancel(SCOPE, "cancelling", { from: ["PAID"], at: NOW, nextCheckAt: NOW });
    await storage.changePayment(SCOPE, "cancelling", { from: ["PAID"], to: "PAID", at: NOW });
    includes(await storage.findPayment(SCOPE, { id: "cancelling" }), { cancelRequestedAt: NOW }, "a wish to refund");
    const refund = { from: ["PAID"], to: "CANCELLED", at: NOW } as const;
    await storage.changePayment(SCOPE, "cancelling", refund);
    equal(await nextCheckAt("cancelling"), null, "the next check, once CANCELLED");
    await storage.changePayment(SCOPE, "plain", { ...refund, nextCheckAt: NOW + 5 });
    equal(await nextCheckAt("plain"), NOW + 5, "the next check, where the change names it");
  }),
  rule("a receipt, a cancel request, a notification and a check set only their columns", async ({ storage }) => {
    await storage.addPayment(paymentRow({ createdAt: NOW }));
    const found = () => storage.findPayment(SCOPE, ID);
    const receipt = { transactionId: "receipt-1", chequeId: "cheque-1", payUrl: "https://pay.example" };
    await storage.attachReceipt(SCOPE, "payment-1", { ...receipt, at: NOW + 1, nextCheckAt: NOW + 60 });
    const attached = paymentRow({ ...receipt, updatedAt: NOW + 1, nextCheckAt: NOW + 60 });
    equal(await found(), attached, "after attachReceipt");
    await storage.scheduleCheck(SCOPE, "payment-1", { at: NOW + 2, nextCheckAt: NOW + 70, held: true, heldAt: NOW });
    const checked = { ...attached, updatedAt: NOW + 2, nextCheckAt: NOW + 70, held: true, heldAt: NOW, checks: 1 };
    equal(await found(), checked, "after scheduleCheck");
    await storage.requestCancel(SCOPE, "payment-1", { from: UNPAID, at: NOW + 3, nextCheckAt: NOW + 80 });
    const wished = { ...checked, updatedAt: NOW + 3, nextCheckAt: NOW + 80, cancelRequestedAt: NOW + 3 };
    equal(await found(), wished, "after requestCancel");
    await storage.withdrawCancel(SCOPE, "payment-1", { at: NOW + 4, nextCheckAt: NOW + 90 });
    const withdrawn = { ...wished, updatedAt: NOW + 4, nextCheckAt: NOW + 90, cancelRequestedAt: null };
    equal(await found(), withdrawn, "after withdrawCancel");
    await storage.noteNotification(SCOPE, "payment-1", { at: NOW + 5, chequeId: "cheque-2" });
    await storage.noteNotification(SCOPE, "payment-1", { at: NOW + 6 });
    equal(await found(), { ...withdrawn, webhookReceivedAt: NOW + 5, chequeId: "cheque-2" }, "after two notifications");
  }),
  rule("a refund goes on until it is done, and then stays done", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    await storage.changePayment(SCOPE, "payment-1", paying());
    const refund = { from: ["PAID"], to: "CANCELLED", at: NOW + 20 } as const;
    await storage.changePayment(SCOPE, "payment-1", { ...refund, refund: "queued", nextCheckAt: NOW + 80 });
    const found = () => storage.findPayment(SCOPE, { id: "payment-1" });
    includes(await found(), { refund: "queued", cancelledAt: NOW + 20, nextCheckAt: NOW + 80 }, "queued");
    const look = { from: ["CANCELLED"], to: "CANCELLED", at: NOW + 30 } as const;
    await storage.changePayment(SCOPE, "payment-1", { ...look, refund: "refused", refundDoubtedAt: NOW + 25 });
    includes(await found(), { refund: "refused", refundDoubtedAt: NOW + 25, cancelledAt: NOW + 20 }, "refused");
    await storage.changePayment(SCOPE, "payment-1", { ...look, refund: "queued", refundDoubtedAt: null });
    includes(await found(), { refund: "queued", refundDoubtedAt: null }, "queued again");
    const done = { ...look, refund: "done", refundedAt: NOW + 40 } as const;
    for (const change of [done, { ...done, refundedAt: NOW + 50 }, { ...look, refund: "queued" } as const]) {
      await storage.changePayment(SCOPE, "payment-1", change);
    }
    includes(await found(), { refund: "done", refundedAt: NOW + 40 }, "at its end");
  }),
  rule("a payment that is paid and not fulfilled says so, also once it is refunded", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    await storage.changePayment(SCOPE, "payment-1", paying({ unfulfilled: true }));
    includes(await storage.findPayment(SCOPE, { id: "payment-1" }), { unfulfilled: true }, "paid");
    const refund = { from: ["PAID"], to: "CANCELLED", at: NOW + 20 } as const;
    await storage.changePayment(SCOPE, "payment-1", refund);
    includes(await storage.findPayment(SCOPE, { id: "payment-1" }), { unfulfilled: true }, "refunded");
  }),
  rule("claims due payments, the longest due first, no more than the limit", async ({ storage }) => {
    for (const [index, due] of [3, 1, 2, 9].entries()) {
      await storage.addPayment(paymentRow({ id: `payment-${index}`, nextCheckAt: NOW + due }));
    }
    await storage.addPayment(paymentRow({ id: "ended" }));
    const claim = { now: NOW + 3, leaseUntil: NOW + 100, limit: 2 };
    const first = await storage.claimDuePayments(SCOPE, claim);
    equal(column(first, "id").sort(), ["payment-1", "payment-2"], "the first two");
    for (const row of first) includes(row, { nextCheckAt: NOW + 100 }, "a claimed row");
    const rest = await storage.claimDuePayments(SCOPE, claim);
    equal(column(rest, "id"), ["payment-0"], "the rest");
  }),
  rule(
    "claims due payments of its kinds; those of other kinds only where they were due by then",
    async ({ storage }) => {
      const rows = [
        { id: "order-late", kind: "order", nextCheckAt: NOW },
        { id: "gift", kind: "gift", nextCheckAt: NOW + 2 },
        { id: "gift-card", kind: "gift-card", nextCheckAt: NOW + 2 },
        { id: "order", kind: "order", nextCheckAt: NOW + 2 },
        { id: "ift", kind: "ift", nextCheckAt: NOW + 2 },
      ];
      for (const row of rows) await storage.addPayment(paymentRow(row));
      const claim = { now: NOW + 3, leaseUntil: NOW + 100, limit: 9, kinds: ["gift", "tariff"] };
      const ours = await storage.claimDuePayments(SCOPE, { ...claim, othersBefore: NOW });
      equal(column(ours, "id").sort(), ["gift", "order-late"], "of the kind, or long due");
      const rest = await storage.claimDuePayments(SCOPE, { ...claim, kinds: [], othersBefore: NOW + 2 });
      equal(column(rest, "id").sort(), ["gift-card", "ift", "order"], "due by then");
    },
  ),
  rule(
    "leaves all but pending links to a process that asks Payme, unless they were due by then",
    async ({ storage }) => {
      const late = { id: "late", transactionId: "r1", nextCheckAt: NOW };
      const made = { id: "made", transactionId: "r2", nextCheckAt: NOW + 2 };
      const link = { id: "link", nextCheckAt: NOW + 2 };
      const lost = { ...link, id: "lost", status: "FAILED", errorCode: "outcome_unknown" } as const;
      const paid = { paidAt: NOW, paidBy: "r3", paidSource: "receipt" } as const;
      const wished = { ...link, ...paid, id: "wished", status: "PAID", cancelRequestedAt: NOW } as const;
      for (const row of [late, made, link, lost, wished]) await storage.addPayment(paymentRow(row));
      const claim = { now: NOW + 3, leaseUntil: NOW + 100, limit: 9, kinds: ["order"], othersBefore: NOW };
      const alone = await storage.claimDuePayments(SCOPE, { ...claim, asks: false });
      equal(column(alone, "id").sort(), ["late", "link"], "pending without a receipt, or long due");
      equal(column(await storage.claimDuePayments(SCOPE, claim), "id").sort(), ["lost", "made", "wished"], "the rest");
    },
  ),
  rule(
    "sums paid, refunding and refunded amounts of a period by source, without the period's end",
    async ({ storage }) => {
      const add = (id: string, row: Parameters<typeof paymentRow>[0]) =>
        storage.addPayment(paymentRow({ id, status: "PAID", paidBy: id, paidSource: "gateway", ...row }));
      await add("1", { paidAt: NOW, amount: tiyin(1) });
      await add("2", { paidAt: NOW + 9, amount: tiyin(20) });
      await add("3", { paidAt: NOW + 10, amount: tiyin(300) });
      const done = { status: "CANCELLED", refund: "done", cancelledAt: NOW - 1 } as const;
      await add("4", { paidAt: NOW - 1, amount: tiyin(4_000), ...done, refundedAt: NOW + 9 });
      await add("7", { paidAt: NOW - 1, amount: tiyin(600_000), ...done, refund: "queued", cancelledAt: NOW });
      await add("8", { paidAt: NOW - 1, amount: tiyin(7_000_000), ...done, refund: "stuck", cancelledAt: NOW + 9 });
      await add("5", {
        paidAt: NOW + 1,
        amount: tiyin(50_000),
        paidSource: "receipt",
        ...done,
        refund: "refused",
        cancelledAt: NOW + 10,
      });
      await add("6", { paidAt: null, paidBy: null, paidSource: null, status: "CANCELLED", cancelledAt: NOW + 1 });
      for (const scope of OTHER_SCOPES) await add(`${scope.cashbox}-${scope.mode}`, { ...scope, paidAt: NOW });
      const none = { count: 0, amount: 0 };
      equal(
        await storage.paymentTotals(SCOPE, { from: NOW, to: NOW + 10 }),
        [
          {
            source: "gateway",
            paid: { count: 2, amount: 21 },
            refunding: { count: 2, amount: 7_600_000 },
            refunded: { count: 1, amount: 4_000 },
          },
          { source: "receipt", paid: { count: 1, amount: 50_000 }, refunding: none, refunded: none },
        ],
        "the totals",
      );
      equal(await storage.paymentTotals(SCOPE, { from: NOW + 11, to: NOW + 20 }), [], "a period without payments");
    },
  ),
  rule("sums payments by day, counted from the beginning of the period", async ({ storage }) => {
    const day = 86_400_000;
    const add = (id: string, row: Parameters<typeof paymentRow>[0]) =>
      storage.addPayment(paymentRow({ id, status: "PAID", paidBy: id, paidSource: "gateway", ...row }));
    await add("1", { paidAt: NOW, amount: tiyin(1) });
    await add("2", { paidAt: NOW + day - 1, amount: tiyin(20) });
    const done = { status: "CANCELLED", refund: "done", cancelledAt: NOW + 2 * day } as const;
    await add("3", { paidAt: NOW + 2 * day, amount: tiyin(300), ...done, refundedAt: NOW + 2 * day });
    await add("4", { paidAt: NOW + 2 * day + 9, amount: tiyin(4_000) });
    const none = { count: 0, amount: 0 };
    equal(
      await storage.paymentDays(SCOPE, { from: NOW, to: NOW + 2 * day + 9 }),
      [
        { day: 0, source: "gateway", paid: { count: 2, amount: 21 }, refunding: none, refunded: none },
        {
          day: 2,
          source: "gateway",
          paid: { count: 1, amount: 300 },
          refunding: none,
          refunded: { count: 1, amount: 300 },
        },
      ],
      "the totals of each day",
    );
  }),
  rule("finds payments by any of their ids, the newest first", async ({ storage }) => {
    const add = (id: string, row: Parameters<typeof paymentRow>[0]) => storage.addPayment(paymentRow({ id, ...row }));
    await add("anna", { createdAt: NOW, userId: "user-1" });
    await add("2", { createdAt: NOW + 2, userId: "anna" });
    await add("3", { createdAt: NOW + 1, reference: "anna", userId: "user-1" });
    await add("4", { createdAt: NOW + 3, transactionId: "anna", userId: "user-1" });
    await add("5", { createdAt: NOW + 4, paidBy: "anna", status: "PAID", paidAt: NOW, paidSource: "gateway" });
    await add("6", { createdAt: NOW + 2, userId: "anna" });
    await add("7", { createdAt: NOW + 9, userId: "Anna" });
    for (const scope of OTHER_SCOPES) await add(`${scope.cashbox}-${scope.mode}`, { ...scope, userId: "anna" });
    const search = async (limit: number) =>
      (await storage.searchPayments(SCOPE, { text: "anna", limit })).map(({ id }) => id);
    equal(await search(9), ["5", "4", "6", "2", "3", "anna"], "all of them");
    equal(await search(2), ["5", "4"], "the newest two");
  }),
  rule("counts payments by status, for all users or one, and what waits", async ({ storage }) => {
    const add = (id: string, row: Parameters<typeof paymentRow>[0]) => storage.addPayment(paymentRow({ id, ...row }));
    await add("1", { status: "PAID", webhookReceivedAt: NOW });
    await add("2", { status: "PAID", userId: "user-2" });
    await add("3", { status: "FAILED", errorCode: "-31630" });
    await add("4", { status: "FAILED", errorCode: "-31630", userId: "user-2" });
    await add("5", { status: "CANCELLED", errorCode: "-1" });
    await add("6", {});
    const [incident] = await storage.appendEvents([newEvent({ kind: "double_payment", paymeId: "payme-1" })]);
    await storage.appendEvents([newEvent({ kind: "amount_mismatch", paymeId: "payme-1" }), newEvent()]);
    const result = { result: "resolved", by: "me", note: "", at: NOW } as const;
    await storage.closeEvent(SCOPE, incident?.id ?? 0, result);
    const waiting = { incidents: 1, refunding: 0, oldestRefundAt: null };
    const all = { total: 6, paid: 2, pending: 1, failed: 2, cancelled: 1, notified: 1, ...waiting };
    const codes = [
      { code: "-1", count: 1 },
      { code: "-31630", count: 2 },
    ];
    equal(await storage.paymentStatistics(SCOPE), { ...all, errorCodes: codes }, "of all users");
    const one = { total: 2, paid: 1, pending: 0, failed: 1, cancelled: 0, notified: 0, ...waiting };
    const ofOne = await storage.paymentStatistics(SCOPE, { userId: "user-2" });
    equal(ofOne, { ...one, errorCodes: [{ code: "-31630", count: 1 }] }, "of one user");
  }),
  rule("counts the payments that were made in a period, and the refunds that have not ended", async ({ storage }) => {
    for (const at of [-1, 0, 9, 10]) {
      const user = { userId: at === 9 ? "user-2" : "user-1", status: "PAID" } as const;
      await storage.addPayment(paymentRow({ id: `made ${at}`, createdAt: NOW + at, ...user }));
    }
    for (const [index, refund] of (["done", "stuck", "queued", "refused", "none"] as const).entries()) {
      const row = { status: "CANCELLED", createdAt: 1, paidAt: 1, cancelledAt: NOW + index, refund } as const;
      await storage.addPayment(paymentRow({ id: refund, ...row }));
      for (const scope of OTHER_SCOPES)
        await storage.addPayment(paymentRow({ ...scope, ...row, id: `${refund} ${scope.cashbox} ${scope.mode}` }));
    }
    const waiting = { refunding: 3, oldestRefundAt: NOW + 1 };
    const period = { from: NOW, to: NOW + 10 };
    includes(await storage.paymentStatistics(SCOPE, period), { total: 2, paid: 2, cancelled: 0, ...waiting }, "of it");
    includes(await storage.paymentStatistics(SCOPE, { from: NOW }), { total: 3, ...waiting }, "from a time on");
    includes(await storage.paymentStatistics(SCOPE, { to: NOW }), { total: 6, cancelled: 5 }, "up to a time");
    includes(await storage.paymentStatistics(SCOPE, { userId: "user-2", ...period }), { total: 1 }, "of one user");
    const later = { userId: "user-2", from: NOW + 10 };
    includes(await storage.paymentStatistics(SCOPE, later), { total: 0 }, "of one user, later");
  }),
];

const HARD_JSON = { "": [[[]]], __proto: { a: null }, "\u2028": "\u0000", half: -0.5, large: 1e300, text: "\\\"'" };

const NOTHING = {
  total: 0,
  paid: 0,
  pending: 0,
  failed: 0,
  cancelled: 0,
  notified: 0,
  errorCodes: [],
  incidents: 0,
  refunding: 0,
  oldestRefundAt: null,
};
