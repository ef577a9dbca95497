import { tiyin } from "../../../kit/money";
import type { EventRow, IncidentClosing, NewEvent, PaymentRow, Scope, Storage } from "../../../ledger";
import { TransactionState } from "../../../protocol/states";
import { equal, includes } from "../check";
import {
  cancelling,
  chargeable,
  column,
  NOW,
  newEvent,
  OTHER_SCOPES,
  paying,
  paymentRow,
  performing,
  SCOPE,
  transactionRow,
  UNPAID,
} from "../rows";
import { rule, type SuiteCase } from "../under-test";
import { orderSpaces } from "./guards-order-spaces";

/** A refused change changes nothing. Here one call comes at a time; `races` makes calls at once. */
export const guards: readonly SuiteCase[] = [
  rule("a transaction changes only from the state that the change names", async ({ storage }) => {
    for (const state of Object.values(TransactionState)) {
      const row = transactionRow({ paymeId: `payme-${state}`, reference: `order-${state}`, state });
      await storage.addTransaction(row);
      if (state === TransactionState.CREATED) continue;
      for (const change of [performing(), cancelling()]) {
        await storage.changeTransaction(SCOPE, row.paymeId, change);
        equal(await storage.findTransaction(SCOPE, row.paymeId), row, `state ${state}`);
      }
    }
  }),
  rule("a transaction at the age limit is performed, an older one is not", async ({ storage }) => {
    await storage.addTransaction(transactionRow());
    await storage.changeTransaction(SCOPE, "payme-1", performing({ notBefore: NOW + 1 }));
    equal(await storage.findTransaction(SCOPE, "payme-1"), transactionRow(), "the row");
    await storage.changeTransaction(SCOPE, "payme-1", performing({ notBefore: NOW }));
    const performed = transactionRow({ state: TransactionState.PERFORMED, performTime: NOW + 10 });
    equal(await storage.findTransaction(SCOPE, "payme-1"), performed, "the row");
  }),
  rule("a one-time order has one live transaction, and is free after its cancel", async ({ storage }) => {
    const second = transactionRow({ paymeId: "payme-2" });
    await storage.addTransaction(transactionRow());
    await storage.addTransaction(second);
    equal(await storage.findTransaction(SCOPE, "payme-2"), undefined, "beside a created one");
    await storage.changeTransaction(SCOPE, "payme-1", performing());
    await storage.addTransaction(second);
    equal(await storage.findTransaction(SCOPE, "payme-2"), undefined, "beside a performed one");
    const refund = { from: TransactionState.PERFORMED, to: TransactionState.REFUNDED, at: NOW } as const;
    await storage.changeTransaction(SCOPE, "payme-1", refund);
    await storage.addTransaction(second);
    equal(await storage.findTransaction(SCOPE, "payme-2"), second, "after the refund");
    equal((await storage.findLiveByOrder(SCOPE, "order-1"))?.paymeId, "payme-2", "the holder");
  }),
  {
    title: "an order has one reference, whatever its type and however its account is written",
    mend: "Make (reference, orderSpace, mode) unique among live transactions. referenceType is stored and given back, and is no part of it; the account only serves the statement.",
    async run({ storage }) {
      const accounts = [{ order_id: 197 }, { order_id: "197" }, { order_id: 197, phone: "+998" }];
      for (const [index, account] of accounts.entries()) {
        for (const referenceType of ["number", "bigint", "string"] as const) {
          const paymeId = `payme-${index}${referenceType === "number" ? "" : `-${referenceType}`}`;
          await storage.addTransaction(transactionRow({ paymeId, reference: "197", referenceType, account }));
        }
      }
      equal((await storage.findLiveByOrder(SCOPE, "197"))?.referenceType, "number", "the type of the reference");
      const stored = await storage.listTransactions(SCOPE, { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 9 });
      equal(column(stored, "paymeId"), ["payme-0"], "the transactions of order 197");
      const other = transactionRow({ paymeId: "payme-9", reference: "198", account: { order_id: 197 } });
      equal((await storage.addTransaction(other)).outcome, "applied", "another order of the same account");
    },
  },
  ...orderSpaces,
  rule("an accumulative account has any number of transactions; receipts hold no order", async ({ storage }) => {
    const rows = [
      transactionRow({ paymeId: "payme-1", oneTime: false }),
      transactionRow({ paymeId: "payme-2", oneTime: false }),
      transactionRow({ paymeId: "payme-3", source: "receipt" }),
      transactionRow({ paymeId: "payme-4", source: "gateway" }),
      transactionRow({ paymeId: "payme-5", state: TransactionState.CANCELLED }),
      transactionRow({ paymeId: "payme-6" }),
      transactionRow({ paymeId: "payme-7", state: TransactionState.CANCELLED }),
    ];
    for (const row of rows) {
      await storage.addTransaction(row);
      equal(await storage.findTransaction(SCOPE, row.paymeId), row, row.paymeId);
    }
  }),
  rule("a known Payme id is never overwritten", async ({ storage }) => {
    await storage.addTransaction(transactionRow());
    await storage.addTransaction(transactionRow({ reference: "order-2", amount: tiyin(1), time: 2 }));
    equal(await storage.findTransaction(SCOPE, "payme-1"), transactionRow(), "the row");
  }),
  rule("a payment changes only from the statuses that the change names", async ({ storage }) => {
    for (const status of ["CANCELLED", "PAID", "FAILED", "PENDING"] as const) {
      const row = paymentRow({ id: status, status });
      await storage.addPayment(row);
      const others = (["CANCELLED", "PAID", "FAILED", "PENDING"] as const).filter((each) => each !== status);
      for (const other of others) await storage.changePayment(SCOPE, status, paying({ from: [other] }));
      equal(await storage.findPayment(SCOPE, { id: status }), row, `from other statuses than ${status}`);
    }
    for (const id of ["PENDING", "FAILED"]) {
      await storage.changePayment(SCOPE, id, paying());
      includes(await storage.findPayment(SCOPE, { id }), { status: "PAID" }, `from ${id}`);
    }
  }),
  rule("a payment is not paid with another amount", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    for (const amount of [tiyin(4_999_999), tiyin(5_000_001), tiyin(0)]) {
      await storage.changePayment(SCOPE, "payment-1", paying({ amount }));
      equal(await storage.findPayment(SCOPE, { id: "payment-1" }), paymentRow(), `by ${amount}`);
    }
  }),
  rule("money that a person accepted pays once what nothing has paid, a cancelled payment too", async ({ storage }) => {
    const cancelled = { status: "CANCELLED", cancelledAt: NOW } as const;
    await storage.addPayment(paymentRow({ id: "free", ...cancelled }));
    await storage.addPayment(paymentRow({ id: "refunded", ...cancelled, paidAt: NOW, paidBy: "payme-9" }));
    const accepted = (paidBy: string) =>
      ({ from: ["CANCELLED"], to: "PAID", at: NOW + 1, paidBy, paidSource: "receipt", paidAmount: tiyin(7) }) as const;
    const rowOf = (id: string) => storage.findPayment(SCOPE, { id });
    const refunded = await rowOf("refunded");
    await storage.changePayment(SCOPE, "refunded", accepted("payme-1"));
    equal(await rowOf("refunded"), refunded, "the refunded one");
    await storage.changePayment(SCOPE, "free", { ...accepted("payme-1"), paidAt: NOW + 1 });
    const paid = { status: "PAID", paidBy: "payme-1", paidAt: NOW + 1, paidAmount: 7, cancelledAt: null };
    includes(await rowOf("free"), { ...paid, amount: 5_000_000 }, "the free one");
    await storage.changePayment(SCOPE, "free", { ...accepted("payme-2"), from: ["PAID"] });
    includes(await rowOf("free"), paid, "after another id");
    const totals = await storage.paymentTotals(SCOPE, { from: NOW + 1, to: NOW + 2 });
    equal(column(totals, "paid"), [{ count: 1, amount: 7 }], "the sum");
  }),
  rule("a transaction that ended and was paid all the same has no end, and what was taken", async ({ storage }) => {
    await storage.addTransaction(
      transactionRow({ source: "receipt", state: TransactionState.CANCELLED, cancelTime: NOW, reason: 10 }),
    );
    const change = { from: TransactionState.CANCELLED, to: TransactionState.PERFORMED, at: NOW + 5, amount: tiyin(7) };
    await storage.changeTransaction(SCOPE, "payme-1", change);
    includes(
      await storage.findTransaction(SCOPE, "payme-1"),
      { state: 2, performTime: NOW + 5, cancelTime: 0, reason: null, amount: 7 },
      "the transaction",
    );
  }),
  rule("an open reference has one payment, and is free when that payment ends", async ({ storage }) => {
    const named = (id: string) => paymentRow({ id, reference: "order-1" });
    await storage.addPayment(named("first"));
    await storage.addPayment(named("second"));
    equal(await storage.findPayment(SCOPE, { id: "second" }), undefined, "the second");
    for (const id of ["third", "fourth"]) {
      await storage.addPayment({ ...named(id), reference: null });
      equal((await storage.findPayment(SCOPE, { id }))?.id, id, "one without a reference");
    }
    await storage.changePayment(SCOPE, "first", { from: ["PENDING"], to: "FAILED", at: NOW });
    await storage.addPayment(named("second"));
    equal((await storage.findPayment(SCOPE, { reference: "order-1" }))?.id, "second", "after the first has failed");
  }),
  rule("only an open payment that is old enough gives its reference to a new payment", async ({ storage }) => {
    const first = paymentRow({ reference: "order-1" });
    await storage.addPayment(first);
    const reference = async () => (await storage.findPayment(SCOPE, { id: "payment-1" }))?.reference;
    const second = paymentRow({ id: "payment-2", reference: "order-1", createdAt: NOW + 9 });
    await storage.addPayment(second, { freeReferenceBefore: NOW });
    equal(await reference(), "order-1", "a payment made at that time");
    await storage.addPayment(first, { freeReferenceBefore: NOW + 1 });
    equal(await reference(), "order-1", "the same payment added again");
    await storage.addPayment(second, { freeReferenceBefore: NOW + 1 });
    equal(await storage.findPayment(SCOPE, { id: "payment-1" }), { ...first, reference: null }, "the older");
    equal(await storage.findPayment(SCOPE, { reference: "order-1" }), second, "the newer");
  }),
  rule("a receipt is attached once", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    const receipt = { chequeId: "cheque", payUrl: "https://pay.example", at: NOW, nextCheckAt: NOW + 1 };
    await storage.attachReceipt(SCOPE, "payment-1", { ...receipt, transactionId: "receipt-1" });
    const attached = await storage.findPayment(SCOPE, { id: "payment-1" });
    const again = { ...receipt, chequeId: "other", at: NOW + 5 };
    for (const transactionId of ["receipt-1", "receipt-2"]) {
      await storage.attachReceipt(SCOPE, "payment-1", { ...again, transactionId });
      equal(await storage.findPayment(SCOPE, { id: "payment-1" }), attached, "the row");
    }
  }),
  rule("a cancel is requested once and before the cancel; only an open request is withdrawn", async ({ storage }) => {
    const request = { from: UNPAID, at: NOW + 1, nextCheckAt: NOW + 2 };
    const unchanged = async (row: PaymentRow, call: (storage: Storage<unknown>) => Promise<unknown>) => {
      await storage.addPayment(row);
      await call(storage);
      equal(await storage.findPayment(SCOPE, { id: row.id }), row, row.id);
    };
    await unchanged(paymentRow({ id: "asked", cancelRequestedAt: NOW }), () =>
      storage.requestCancel(SCOPE, "asked", request),
    );
    await unchanged(paymentRow({ id: "cancelled", status: "CANCELLED" }), () =>
      storage.requestCancel(SCOPE, "cancelled", request),
    );
    await unchanged(paymentRow({ id: "paid", status: "PAID" }), () => storage.requestCancel(SCOPE, "paid", request));
    await unchanged(paymentRow({ id: "unpaid" }), () =>
      storage.requestCancel(SCOPE, "unpaid", { ...request, from: ["PAID"] }),
    );
    await unchanged(paymentRow({ id: "not-asked" }), () => storage.withdrawCancel(SCOPE, "not-asked", request));
    await unchanged(paymentRow({ id: "done", status: "CANCELLED", cancelRequestedAt: NOW }), () =>
      storage.withdrawCancel(SCOPE, "done", request),
    );
    await unchanged(paymentRow({ id: "ended", status: "PAID" }), () =>
      storage.scheduleCheck(SCOPE, "ended", { ...request, held: true }),
    );
  }),
  rule("an open payment with a receipt is charged by one call until its time is over", async ({ storage }) => {
    const claim = (id: string, at: number) => storage.claimCharge(SCOPE, id, { at, until: at + 100 });
    for (const row of [
      chargeable({ id: "no-receipt", transactionId: null }),
      chargeable({ id: "cancelling", cancelRequestedAt: NOW }),
      ...(["PAID", "FAILED", "CANCELLED"] as const).map((status) => chargeable({ id: status, status })),
    ]) {
      await storage.addPayment(row);
      equal(await claim(row.id, NOW), { outcome: "conflict", row }, row.id);
    }
    await storage.addPayment(chargeable());
    const claimed = chargeable({ chargeUntil: NOW + 100, nextCheckAt: NOW + 100 });
    equal(await claim("payment-1", NOW), { outcome: "applied", row: claimed }, "the first");
    equal(await claim("payment-1", NOW + 99), { outcome: "conflict", row: claimed }, "during its time");
    equal((await claim("payment-1", NOW + 100)).outcome, "applied", "after its time");
    await storage.addPayment(chargeable({ id: "held", status: "FAILED", held: true }));
    equal((await claim("held", NOW)).outcome, "applied", "one that failed, and whose money is held");
  }),
  rule("what was held keeps its reference, and the time of its hold", async ({ storage }) => {
    await storage.addPayment(paymentRow({ reference: "order-1", createdAt: NOW, nextCheckAt: NOW, hold: true }));
    const look = (held: boolean, heldAt?: number) =>
      storage.scheduleCheck(SCOPE, "payment-1", { at: NOW + 9, nextCheckAt: NOW + 90, held, heldAt });
    await look(true, NOW + 5);
    await look(true, NOW + 6);
    includes(await storage.findPayment(SCOPE, { id: "payment-1" }), { held: true, heldAt: NOW + 5 }, "held");
    await look(false);
    includes(await storage.findPayment(SCOPE, { id: "payment-1" }), { held: false, heldAt: NOW + 5 }, "later");
    const second = paymentRow({ id: "payment-2", reference: "order-1", createdAt: NOW + 9 });
    const added = await storage.addPayment(second, { freeReferenceBefore: NOW + 1 });
    equal(added.outcome, "already_applied", "another of its reference");
  }),
  rule("what is charged is not cancelled and keeps its reference; its release frees it", async ({ storage }) => {
    await storage.addPayment(chargeable({ reference: "order-1" }));
    await storage.claimCharge(SCOPE, "payment-1", { at: NOW, until: NOW + 100 });
    const cancel = async (at: number) =>
      (await storage.requestCancel(SCOPE, "payment-1", { from: UNPAID, at, nextCheckAt: at })).outcome;
    equal(await cancel(NOW + 99), "conflict", "a wish to cancel");
    const second = paymentRow({ id: "payment-2", reference: "order-1", createdAt: NOW + 9 });
    const freeing = { freeReferenceBefore: NOW + 1 };
    equal((await storage.addPayment(second, freeing)).outcome, "already_applied", "another of its reference");
    const release = (until: number) =>
      storage.releaseCharge(SCOPE, "payment-1", { at: NOW + 5, until, nextCheckAt: NOW + 50 });
    equal((await release(NOW + 99)).outcome, "conflict", "the release of another charge");
    const released = chargeable({ reference: "order-1", updatedAt: NOW + 5, nextCheckAt: NOW + 50 });
    equal(await release(NOW + 100), { outcome: "applied", row: released }, "its own release");
    equal(await cancel(NOW + 99), "applied", "a wish to cancel, then");
  }),
  rule("a charge that was paid can be refunded at once, and its release asks nothing more", async ({ storage }) => {
    await storage.addPayment(chargeable());
    await storage.claimCharge(SCOPE, "payment-1", { at: NOW, until: NOW + 100 });
    await storage.changePayment(SCOPE, "payment-1", paying());
    await storage.releaseCharge(SCOPE, "payment-1", { at: NOW, until: NOW + 100, nextCheckAt: NOW + 50 });
    includes(await storage.findPayment(SCOPE, { id: "payment-1" }), { status: "PAID", nextCheckAt: null }, "the row");
    await storage.addPayment(chargeable({ id: "payment-2" }));
    await storage.claimCharge(SCOPE, "payment-2", { at: NOW, until: NOW + 100 });
    await storage.changePayment(SCOPE, "payment-2", paying({ paidBy: "payme-2" }));
    const refund = { from: ["PAID"], at: NOW, nextCheckAt: NOW } as const;
    equal((await storage.requestCancel(SCOPE, "payment-2", refund)).outcome, "applied", "the wish to refund");
  }),
  rule("a user has no more open payments than the bound; what has ended, and others', do not count", async (kit) => {
    const { storage } = kit;
    let made = 0;
    const add = async (row: Partial<PaymentRow> = {}, options: { freeReferenceBefore?: number } = {}) => {
      made += 1;
      const added = await storage.addPayment(paymentRow({ id: `payment-${made}`, ...row }), {
        mostOpen: 2,
        ...options,
      });
      return added.outcome;
    };
    for (const scope of OTHER_SCOPES) equal(await add(scope), "applied", "of another scope");
    equal(await add({ userId: "user-2" }), "applied", "of another user");
    equal(await add({ status: "FAILED" }), "applied", "a failed one");
    equal(await add({ kind: "subscription" }), "applied", "a period of a subscription");
    const first = { id: "first", reference: "order-1" };
    equal([await add(first), await add()], ["applied", "applied"], "up to the bound");
    equal(await add(), "too_many_open", "one more");
    equal(await storage.findPayment(SCOPE, { id: `payment-${made}` }), undefined, "the row of one more");
    equal([await add(first), await add({ reference: "order-1" })], ["already_applied", "already_applied"], "repeats");
    const later = { reference: "order-1", createdAt: NOW + 9 };
    equal(await add(later, { freeReferenceBefore: NOW + 1 }), "already_applied", "one that would take the reference");
    equal((await storage.findPayment(SCOPE, { id: "first" }))?.reference, "order-1", "the reference after that");
    equal(await add({ kind: "subscription" }), "applied", "a period of a subscription at the bound");
    equal(
      [await add({ userId: "" }), await add({ userId: "" }), await add({ userId: "" })],
      Array(3).fill("applied"),
      "of nobody",
    );
    equal((await storage.addPayment(paymentRow({ id: "free" }))).outcome, "applied", "without a bound");
    for (const id of ["first", "free"]) await storage.changePayment(SCOPE, id, paying({ paidBy: id }));
    equal([await add(), await add()], ["applied", "too_many_open"], "after two were paid");
  }),
  rule("a claimed payment is not claimed again during its lease", async ({ storage }) => {
    await storage.addPayment(paymentRow({ nextCheckAt: NOW }));
    const claim = async (now: number) =>
      (await storage.claimDuePayments(SCOPE, { now, leaseUntil: now + 100, limit: 9 })).length;
    equal([await claim(NOW - 1), await claim(NOW)], [0, 1], "before it is due, and then");
    equal([await claim(NOW + 99), await claim(NOW + 100)], [0, 1], "within the lease, and after it");
  }),
  rule(
    "an incident is written once for each kind and Payme id while it is open; other events every time",
    async ({ storage }) => {
      const kinds = async () => column(await storage.listEvents(SCOPE, { limit: 99 }), "kind");
      const incident = newEvent({ kind: "double_payment", paymeId: "payme-1" });
      await storage.appendEvents([incident, incident, newEvent(), newEvent()]);
      equal(await kinds(), ["double_payment", "payment.paid", "payment.paid"], "the events");
      await storage.appendEvents([{ ...incident, subject: "other", at: NOW + 1 }]);
      equal((await kinds()).length, 3, "the same incident again");
      await storage.appendEvents([
        { ...incident, paymeId: "payme-2" },
        { ...incident, kind: "amount_mismatch" },
      ]);
      equal((await kinds()).length, 5, "another Payme id, another kind");
    },
  ),
  rule("what a person asked for is written once for each press", async ({ storage }) => {
    const ask = async (press?: string) =>
      (await storage.appendEvents([newEvent({ kind: "admin.check", data: { by: "Aziza", press } })])).length;
    equal([await ask("a"), await ask("a"), await ask("b")], [1, 0, 1], "the same press again, and another one");
    equal([await ask(), await ask()], [1, 1], "without a press");
  }),
  rule("an incident that comes again after it was resolved is opened anew, once", async ({ storage }) => {
    const incident = newEvent({ kind: "effect_failed", paymeId: "payme-1" });
    const resolve = async (row: EventRow | undefined) =>
      (await storage.closeEvent(SCOPE, row?.id ?? 0, { result: "resolved", by: "me", note: "", at: NOW })).outcome;
    const [first] = await storage.appendEvents([incident]);
    equal(await resolve(first), "applied", "the first one is resolved");
    const again = await storage.appendEvents([incident, incident]);
    equal(again.length, 1, "written again");
    equal(await storage.listEvents(SCOPE, { open: true, limit: 9 }), again, "the open ones");
    equal(await resolve(first), "already_applied", "the first one is resolved again");
    equal((await storage.appendEvents([incident])).length, 0, "while the second one is open");
    equal(await resolve(again[0]), "applied", "the second one is resolved");
    equal((await storage.appendEvents([incident])).length, 1, "a third time");
  }),
  rule("a change closes the open incidents of its subject that it puts right, and no others", async ({ storage }) => {
    const put = (kind: string, paymeId: string, more: Partial<NewEvent> = {}) =>
      newEvent({ kind, paymeId, data: { paymeId }, ...more });
    const rows = await storage.appendEvents([
      put("effect_failed", "payme-1"),
      put("amount_mismatch", "payme-2"),
      put("effect_failed", "payme-2"),
      put("double_payment", "payme-1"),
      put("no_fulfiller", "payme-1", { subject: "payment-2" }),
      put("unknown_transaction", "payme-1", { subject: "payme-1" }),
      put("unknown_transaction", "payme-2", { subject: "payme-2" }),
      ...OTHER_SCOPES.map((scope) => put("effect_failed", "payme-1", scope)),
      newEvent({ paymeId: "payme-1" }),
    ]);
    const closing: IncidentClosing = {
      ...SCOPE,
      subject: "payment-1",
      paymeId: "payme-1",
      kinds: ["effect_failed", "no_fulfiller", "amount_mismatch", "unknown_transaction"],
      kindsOfOthers: ["amount_mismatch"],
      by: "payme-kit",
      note: "paid",
      at: NOW + 5,
    };
    const [story, ...closed] = await storage.appendEvents([newEvent({ at: NOW + 5 })], closing);
    const { kind, paymeId, subject, at, data } = closed.pop() ?? {};
    const twice = { kind: "double_payment", paymeId: "payme-2", subject: "payment-1", at: NOW + 5 };
    equal({ kind, paymeId, subject, at, data }, { ...twice, data: { paymeId: "payme-2" } }, "money of another id");
    equal(story?.kind, "payment.paid", "the event");
    const resolved = { resolvedAt: NOW + 5, resolvedBy: "payme-kit", note: "paid" };
    equal(
      closed,
      [rows[0], rows[1], rows[5]].map((row) => row && { ...row, ...resolved }),
      "the closed ones",
    );
    const open = async (scope: Scope) => column(await storage.listEvents(scope, { open: true, limit: 9 }), "kind");
    equal(
      await open(SCOPE),
      ["effect_failed", "double_payment", "no_fulfiller", "unknown_transaction", "double_payment"],
      "the open ones",
    );
    for (const scope of OTHER_SCOPES) equal(await open(scope), ["effect_failed"], "the open ones there");
    equal((await storage.appendEvents([newEvent()], closing)).length, 1, "the closing again");
    equal((await storage.appendEvents([put("effect_failed", "payme-1")])).length, 1, "opened anew");
  }),
  rule("a change closes what came in the same call, and what another subject's event stands beside", async (kit) => {
    const closing: IncidentClosing = {
      ...SCOPE,
      subject: "payment-1",
      paymeId: "payme-1",
      kinds: ["effect_failed"],
      by: "payme-kit",
      note: "",
      at: NOW,
    };
    const failed = newEvent({ kind: "effect_failed", paymeId: "payme-1" });
    const closedAmong = async (events: readonly NewEvent[]) =>
      (await kit.storage.appendEvents(events, closing)).filter(({ resolvedAt }) => resolvedAt !== null).length;
    equal(await closedAmong([newEvent(), failed, newEvent()]), 1, "in the same call");
    await kit.storage.appendEvents([failed]);
    equal(await closedAmong([newEvent({ subject: "other" })]), 1, "beside another subject's event");
    await kit.storage.appendEvents([failed]);
    equal(await closedAmong([]), 1, "without an event");
    equal(await closedAmong([]), 0, "none is left");
    await kit.storage.appendEvents([{ ...failed, subject: "payme-1" }]);
    equal(await closedAmong([newEvent({ paymeId: "payme-1" })]), 1, "of the Payme id, where the payment was not known");
  }),
];
