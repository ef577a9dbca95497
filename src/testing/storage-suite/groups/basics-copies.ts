import { equal } from "../check";
import { FULL_PAYMENT, FULL_TRANSACTION, newEvent, paymentRow, SCOPE, transactionRow } from "../rows";
import { rule, type SuiteCase } from "../under-test";

/** The storage copies rows: changing a copy does not change the stored row. */
export const copies: readonly SuiteCase[] = [
  rule("changing a given row does not change the stored one", async ({ storage }) => {
    const payment = structuredClone(FULL_PAYMENT);
    const transaction = structuredClone(FULL_TRANSACTION);
    const event = structuredClone(newEvent({ data: { deep: { n: 1 } } }));
    await storage.addPayment(payment);
    await storage.addTransaction(transaction);
    await storage.appendEvents([event]);
    for (const row of [payment, transaction, event]) spoil(row);
    equal(await storage.findPayment(SCOPE, { id: "payment-1" }), FULL_PAYMENT, "the payment");
    equal(await storage.findTransaction(SCOPE, "payme-1"), FULL_TRANSACTION, "the transaction");
    equal((await storage.listEvents(SCOPE, { limit: 9 }))[0]?.data, { deep: { n: 1 } }, "the event's data");
  }),
  rule("changing a read row does not change the stored one", async ({ storage }) => {
    await storage.addPayment(FULL_PAYMENT);
    await storage.addPayment(paymentRow({ id: "payment-2", data: { deep: { n: 1 } } }));
    await storage.addTransaction(FULL_TRANSACTION);
    await storage.addTransaction(transactionRow({ paymeId: "payme-2", account: { deep: { n: 1 } } }));
    await storage.appendEvents([newEvent({ data: { deep: { n: 1 } } })]);
    const read = async () => [
      await storage.findPayment(SCOPE, { id: "payment-1" }),
      await storage.findPayment(SCOPE, { paymeId: "payme-1" }),
      ...(await storage.listPending(SCOPE, { before: Number.MAX_SAFE_INTEGER, limit: 9 })),
      await storage.findTransaction(SCOPE, "payme-1"),
      await storage.findLiveByOrder(SCOPE, "order-1"),
      ...(await storage.listTransactions(SCOPE, { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 9 })),
      ...(await storage.listEvents(SCOPE, { limit: 9 })),
    ];
    const before = structuredClone(await read());
    for (const row of await read()) if (row !== undefined) spoil(row);
    equal(await read(), before, "the second read");
  }),
  rule("changing the row of an outcome does not change the stored one", async ({ storage }) => {
    spoil((await storage.addPayment(structuredClone(FULL_PAYMENT))).row);
    spoil((await storage.addPayment(structuredClone(FULL_PAYMENT))).row);
    equal(await storage.findPayment(SCOPE, { id: "payment-1" }), FULL_PAYMENT, "the payment");
    spoil((await storage.addTransaction(structuredClone(FULL_TRANSACTION))).row);
    equal(await storage.findTransaction(SCOPE, "payme-1"), FULL_TRANSACTION, "the transaction");
  }),
];

/** Changes every member, also in nested objects. */
function spoil(row: object): void {
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === "object" && value !== null) spoil(value);
    Reflect.set(row, name, "spoiled");
  }
}
