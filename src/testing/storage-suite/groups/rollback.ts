import type { Storage, Verbs } from "../../../ledger";
import { called, equal, includes, refused, within } from "../check";
import { gate } from "../gate";
import { NOW, newEvent, paying, paymentRow, SCOPE, transactionRow } from "../rows";
import { type HostRows, rule, type StorageUnderTest, type SuiteCase } from "../under-test";

const ID = { id: "payment-1" };
const FAILURE = new Error("the hook failed");

/** A transaction is all or nothing, and invisible until it commits. */
export const rollback: readonly SuiteCase[] = [
  rule(
    "a transaction that returns commits our rows and the host's, and gives its result",
    async ({ storage, host }) => {
      await storage.addPayment(paymentRow());
      const result = await storage.transaction(async (tx) => {
        await settle(storage.using(tx));
        await host.add(tx, "host-1");
        return "settled";
      });
      equal(result, "settled", "the result");
      includes(await storage.findPayment(SCOPE, ID), { status: "PAID" }, "the payment");
      equal((await storage.listEvents(SCOPE, { limit: 9 })).length, 1, "events");
      equal(await host.has("host-1"), true, "the host's row");
    },
  ),
  rule("a transaction that throws leaves no row, ours or the host's, and rethrows", async (kit) => {
    const { storage, host } = kit;
    await storage.addPayment(paymentRow({ nextCheckAt: NOW }));
    equal(await failing(kit, async () => {}), FAILURE, "the error");
    equal(await storage.findPayment(SCOPE, ID), paymentRow({ nextCheckAt: NOW }), "the payment");
    equal(await storage.findPayment(SCOPE, { id: "payment-2" }), undefined, "a new payment");
    equal(await storage.findTransaction(SCOPE, "payme-1"), undefined, "a new transaction");
    equal(await storage.findLiveByOrder(SCOPE, "order-1"), undefined, "the order");
    equal(await storage.listEvents(SCOPE, { limit: 9 }), [], "events");
    equal(await host.has("host-1"), false, "the host's row");
    equal((await storage.addTransaction(transactionRow())).outcome, "applied", "the same transaction afterwards");
  }),
  rule("a transaction sees its own changes", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    await storage.transaction(async (tx) => {
      const verbs = storage.using(tx);
      await settle(verbs);
      includes(await verbs.findPayment(SCOPE, ID), { status: "PAID" }, "the payment");
      equal((await verbs.paymentStatistics(SCOPE)).paid, 1, "the count");
      equal((await verbs.listEvents(SCOPE, { limit: 9 })).length, 1, "events");
    });
  }),
  rule("no call reads uncommitted rows while a hook waits", async (kit) => {
    await kit.storage.addPayment(paymentRow());
    const readers = [kit.storage, ...(kit.second === undefined ? [] : [await kit.second()])];
    const reads: Promise<unknown>[] = [];
    const opened = gate();
    const ended = failing(kit, async () => {
      opened.open();
      await new Promise((resolve) => setTimeout(resolve, 30));
    });
    await opened.passed;
    // A storage may answer at once with committed rows, or after the transaction, which is rolled back.
    for (const reader of readers) {
      reads.push(
        reader.findPayment(SCOPE, ID),
        reader.findPayment(SCOPE, { id: "payment-2" }),
        reader.listEvents(SCOPE, { limit: 9 }),
        kit.host.has("host-1"),
      );
    }
    await ended;
    const committed = [paymentRow(), undefined, [], false];
    equal(
      await Promise.all(reads),
      readers.flatMap(() => committed),
      "the reads during the wait",
    );
  }),
  rule("a call that waits for a failing transaction still runs", async (kit) => {
    await kit.storage.addPayment(paymentRow());
    const ended = failing(kit, () => new Promise((resolve) => setTimeout(resolve, 20)));
    const paid = await kit.storage.changePayment(SCOPE, "payment-1", paying());
    await ended;
    equal(paid.outcome, "applied", "the change");
  }),
  rule("inside a transaction, a storage call without using(tx) is refused at once", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    await storage.transaction(async () => {
      const write = () => storage.changePayment(SCOPE, "payment-1", paying());
      await refused(called(write), "STORAGE_MISUSE", "a write");
      await refused(
        called(() => storage.findPayment(SCOPE, ID)),
        "STORAGE_MISUSE",
        "a read",
      );
      await refused(
        called(() => storage.transaction(async () => {})),
        "STORAGE_MISUSE",
        "a transaction",
      );
      await refused(
        called(() => storage.read(async () => {})),
        "STORAGE_MISUSE",
        "a read by read()",
      );
    });
    includes(await storage.findPayment(SCOPE, ID), { status: "PENDING" }, "the payment");
    const write = storage.changePayment(SCOPE, "payment-1", paying());
    equal(
      await within(
        1_000,
        write.then(({ outcome }) => outcome),
      ),
      "applied",
      "the same call afterwards",
    );
  }),
];

/** The changes of a settled payment. */
async function settle(verbs: Verbs): Promise<void> {
  await verbs.changePayment(SCOPE, "payment-1", paying());
  await verbs.addPayment(paymentRow({ id: "payment-2" }));
  await verbs.addTransaction(transactionRow());
  await verbs.appendEvents([newEvent()]);
}

/** Runs a transaction that makes changes, waits and throws. Resolves with its error. */
function failing<Tx>(kit: StorageUnderTest<Tx>, wait: () => Promise<void>): Promise<unknown> {
  const { storage, host }: { storage: Storage<Tx>; host: HostRows<Tx> } = kit;
  return storage
    .transaction(async (tx) => {
      await settle(storage.using(tx));
      await host.add(tx, "host-1");
      await wait();
      throw FAILURE;
    })
    .then(
      () => "the transaction committed",
      (error: unknown) => error,
    );
}
