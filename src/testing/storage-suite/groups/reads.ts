import type { Storage, WriteVerbs } from "../../../ledger";
import { called, equal, includes, refused, within } from "../check";
import { gate } from "../gate";
import { cancelling, NOW, newEvent, paying, paymentRow, SCOPE, transactionRow, UNPAID } from "../rows";
import { rule, type SuiteCase } from "../under-test";

const ID = { id: "payment-1" };
/** A transaction that waits for a read gives up after this, and the case fails. */
const PATIENCE_MS = 3_000;

/** `read` sees committed rows, waits for no writer and changes nothing. */
export const reads: readonly SuiteCase[] = [
  rule("a read gives the result of its work, and sees what is committed", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    await storage.addTransaction(transactionRow());
    const seen = await storage.read(async (tx) => {
      const verbs = storage.using(tx);
      return [await verbs.findPayment(SCOPE, ID), await verbs.findLiveByOrder(SCOPE, "order-1")];
    });
    equal(seen, [paymentRow(), transactionRow()], "the rows");
    const failure = new Error("the work failed");
    const failed = storage.read(async () => {
      throw failure;
    });
    equal(await failed.catch((error: unknown) => error), failure, "the error of the work");
  }),
  rule("a read sees no row of an open transaction", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    const undone = new Error("undone");
    const opened = gate();
    const ended = storage
      .transaction(async (tx) => {
        await storage.using(tx).changePayment(SCOPE, "payment-1", paying());
        await storage.using(tx).addTransaction(transactionRow());
        opened.open();
        await new Promise((resolve) => setTimeout(resolve, 30));
        throw undone;
      })
      .catch((error: unknown) => error);
    await opened.passed;
    // A storage with one connection may answer after the transaction, which is rolled back.
    const seen = await storage.read(async (tx) => [
      await storage.using(tx).findPayment(SCOPE, ID),
      await storage.using(tx).findLiveByOrder(SCOPE, "order-1"),
    ]);
    equal(await ended, undone, "the end of the transaction");
    equal(seen, [paymentRow(), undefined], "the rows");
  }),
  {
    title: "a read does not wait for an open transaction",
    needs: "second",
    mend: "Read on another connection, with BEGIN READ ONLY or without a transaction: never behind the queue or the lock of the writers.",
    async run(kit) {
      const { storage } = kit;
      await storage.addPayment(paymentRow());
      const [opened, read] = [gate(), gate()];
      const order: string[] = [];
      const writing = storage.transaction(async (tx) => {
        await storage.using(tx).changePayment(SCOPE, "payment-1", paying());
        opened.open();
        await within(PATIENCE_MS, read.passed);
        order.push("the transaction");
      });
      await opened.passed;
      for (const each of [storage, (await kit.second?.()) ?? storage]) {
        const status = await each.read(async (tx) => (await each.using(tx).findPayment(SCOPE, ID))?.status);
        order.push(`a read of ${status}`);
      }
      read.open();
      await writing;
      equal(order, ["a read of PENDING", "a read of PENDING", "the transaction"], "what ended first");
    },
  },
  rule("every write verb in a read is refused, and changes nothing", async ({ storage }) => {
    await storage.addPayment(paymentRow({ nextCheckAt: NOW }));
    await storage.addTransaction(transactionRow());
    for (const [name, write] of Object.entries(WRITES)) {
      const writing = storage.read((tx) => called(() => write(storage.using(tx))));
      await refused(writing, "STORAGE_MISUSE", name);
    }
    equal(await storage.findPayment(SCOPE, ID), paymentRow({ nextCheckAt: NOW }), "the payment");
    equal(await storage.findPayment(SCOPE, { id: "payment-2" }), undefined, "a new payment");
    equal(await storage.findTransaction(SCOPE, "payme-1"), transactionRow(), "the transaction");
    equal(await storage.findTransaction(SCOPE, "payme-2"), undefined, "a new transaction");
    equal(await storage.listEvents(SCOPE, { limit: 9 }), [], "events");
  }),
  {
    title: "a write of the host through the handle of a read is refused, and changes nothing",
    mend: "Let the database refuse it (READ ONLY, query_only), and turn its error into a PaymeStorageError STORAGE_MISUSE.",
    async run({ storage, host }) {
      await refused(
        storage.read(async (tx) => host.add(tx, "host-1")),
        "STORAGE_MISUSE",
        "the write",
      );
      equal(await host.has("host-1"), false, "the host's row");
      await storage.transaction(async (tx) => host.add(tx, "host-1"));
      equal(await host.has("host-1"), true, "the same write in a transaction afterwards");
    },
  },
  rule("inside a read, a storage call without using(tx) is refused at once", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    await storage.read(async () => {
      const calls: readonly (() => Promise<unknown>)[] = [
        () => storage.changePayment(SCOPE, "payment-1", paying()),
        () => storage.findPayment(SCOPE, ID),
        () => storage.transaction(async () => {}),
        () => storage.read(async () => {}),
      ];
      for (const call of calls) await refused(called(call), "STORAGE_MISUSE", String(call));
    });
    includes(await storage.findPayment(SCOPE, ID), { status: "PENDING" }, "the payment");
  }),
];

/** One call of each write verb; most of them would change a row. */
const WRITES: { readonly [Verb in keyof WriteVerbs]: (verbs: Pick<Storage<unknown>, Verb>) => Promise<unknown> } = {
  addTransaction: (verbs) => verbs.addTransaction(transactionRow({ paymeId: "payme-2", reference: "order-2" })),
  changeTransaction: (verbs) => verbs.changeTransaction(SCOPE, "payme-1", cancelling()),
  moveOrders: (verbs) => verbs.moveOrders(SCOPE, "shared"),
  saveFiscalData: (verbs) => verbs.saveFiscalData(SCOPE, "payme-1", "PERFORM", { receipt_id: 1 }),
  addPayment: (verbs) => verbs.addPayment(paymentRow({ id: "payment-2" })),
  changePayment: (verbs) => verbs.changePayment(SCOPE, "payment-1", paying()),
  attachReceipt: (verbs) =>
    verbs.attachReceipt(SCOPE, "payment-1", {
      transactionId: "receipt-1",
      chequeId: "cheque",
      payUrl: "https://pay.example",
      at: NOW,
      nextCheckAt: NOW,
    }),
  requestCancel: (verbs) => verbs.requestCancel(SCOPE, "payment-1", { from: UNPAID, at: NOW, nextCheckAt: NOW }),
  withdrawCancel: (verbs) => verbs.withdrawCancel(SCOPE, "payment-1", { at: NOW, nextCheckAt: NOW }),
  claimCharge: (verbs) => verbs.claimCharge(SCOPE, "payment-1", { at: NOW, until: NOW + 1 }),
  releaseCharge: (verbs) => verbs.releaseCharge(SCOPE, "payment-1", { at: NOW, until: NOW + 1, nextCheckAt: NOW }),
  noteNotification: (verbs) => verbs.noteNotification(SCOPE, "payment-1", { at: NOW }),
  scheduleCheck: (verbs) => verbs.scheduleCheck(SCOPE, "payment-1", { at: NOW, nextCheckAt: NOW, held: true }),
  claimDuePayments: (verbs) => verbs.claimDuePayments(SCOPE, { now: NOW, leaseUntil: NOW + 1, limit: 9 }),
  appendEvents: (verbs) => verbs.appendEvents([newEvent()]),
  claimEvents: (verbs) => verbs.claimEvents(SCOPE, { now: NOW, leaseUntil: NOW + 1, token: "token", limit: 9 }),
  closeEvent: (verbs) => verbs.closeEvent(SCOPE, 1, { result: "resolved", by: "me", note: "", at: NOW }),
};
