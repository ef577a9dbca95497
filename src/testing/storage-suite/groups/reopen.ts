import type { Storage } from "../../../ledger";
import { equal, StorageSuiteFailure } from "../check";
import { FULL_PAYMENT, FULL_TRANSACTION, NOW, newEvent, paying, paymentRow, SCOPE, transactionRow } from "../rows";
import { rule, type StorageUnderTest, type SuiteCase } from "../under-test";

/** Acknowledged rows survive a restart. */
export const reopen: readonly SuiteCase[] = [
  rule("every row is unchanged after a restart", async (kit) => {
    const { storage } = kit;
    await storage.addPayment(FULL_PAYMENT);
    await storage.addTransaction(FULL_TRANSACTION);
    const events = await storage.appendEvents([newEvent(), newEvent({ deliverAt: NOW })]);
    const reopened = await restart(kit);
    equal(await reopened.findPayment(SCOPE, { id: "payment-1" }), FULL_PAYMENT, "the payment");
    equal(await reopened.findTransaction(SCOPE, "payme-1"), FULL_TRANSACTION, "the transaction");
    equal(await reopened.listEvents(SCOPE, { limit: 9 }), events, "events");
  }),
  rule("a restart keeps committed rows and no rolled back ones, also of the host", async (kit) => {
    const { storage, host } = kit;
    await storage.addPayment(paymentRow());
    await storage
      .transaction(async (tx) => {
        await host.add(tx, "lost");
        await storage.using(tx).addPayment(paymentRow({ id: "lost" }));
        throw new Error("rolled back");
      })
      .catch(() => {});
    await storage.transaction(async (tx) => {
      await host.add(tx, "kept");
      await storage.using(tx).changePayment(SCOPE, "payment-1", paying());
    });
    const reopened = await restart(kit);
    equal((await reopened.findPayment(SCOPE, { id: "payment-1" }))?.status, "PAID", "the payment");
    equal(await reopened.findPayment(SCOPE, { id: "lost" }), undefined, "the rolled back payment");
    equal([await host.has("kept"), await host.has("lost")], [true, false], "the host's rows");
  }),
  rule("after a restart a repeat is a repeat, an order stays held, and ids still ascend", async (kit) => {
    const { storage } = kit;
    await storage.addPayment(paymentRow({ reference: "order-1" }));
    await storage.addPayment(paymentRow({ id: "payment-2", reference: "order-2" }));
    await storage.changePayment(SCOPE, "payment-1", paying());
    await storage.addTransaction(transactionRow());
    const incident = newEvent({ kind: "double_payment", paymeId: "payme-1" });
    const [before] = await storage.appendEvents([incident]);
    const reopened = await restart(kit);
    const outcomes = [
      await reopened.changePayment(SCOPE, "payment-1", paying()),
      await reopened.addTransaction(transactionRow()),
      await reopened.addTransaction(transactionRow({ paymeId: "payme-2" })),
      await reopened.addPayment(paymentRow({ id: "payment-3", reference: "order-2" })),
    ].map(({ outcome }) => outcome);
    equal(outcomes, ["already_applied", "already_applied", "order_busy", "already_applied"], "outcomes");
    equal(await reopened.appendEvents([incident]), [], "the incident again");
    const [after] = await reopened.appendEvents([newEvent()]);
    equal((after?.id ?? 0) > (before?.id ?? 0), true, "the next event's id is higher");
  }),
];

/** Returns the storage after a restart, migrated as at every start. */
async function restart<Tx>(kit: StorageUnderTest<Tx>): Promise<Storage<Tx>> {
  const reopened = await kit.reopen?.();
  if (reopened === undefined) throw new StorageSuiteFailure("the result of reopen()", reopened, "a storage");
  await reopened.migrate();
  return reopened;
}
