import type { Storage } from "../../../ledger";
import { equal } from "../check";
import { cancelling, column, NOW, newEvent, paying, paymentRow, performing, SCOPE, transactionRow } from "../rows";
import { rule, type StorageUnderTest, type SuiteCase } from "../under-test";

const ID = { id: "payment-1" };

/** Two storages on one database are one set of books: the process keeps nothing. */
export const twoStores: readonly SuiteCase[] = [
  rule("the second storage reads at once what the first has acknowledged", async (kit) => {
    const [first, second] = await both(kit);
    const read = async (storage: Storage<unknown>) => [
      (await storage.findPayment(SCOPE, ID))?.status,
      (await storage.findTransaction(SCOPE, "payme-1"))?.state,
      (await storage.findLiveByOrder(SCOPE, "order-1"))?.paymeId,
      (await storage.paymentStatistics(SCOPE)).paid,
    ];
    // After each change the other storage reads first: a cache that only its own changes empty would answer old rows.
    const readBoth = async (reader: Storage<unknown>, writer: Storage<unknown>, expected: readonly unknown[]) => {
      equal(await read(reader), expected, "the other storage");
      equal(await read(writer), expected, "the storage that made the change");
    };
    await readBoth(second, first, [undefined, undefined, undefined, 0]);
    await first.addPayment(paymentRow());
    await readBoth(second, first, ["PENDING", undefined, undefined, 0]);
    await second.addTransaction(transactionRow());
    await readBoth(first, second, ["PENDING", 1, "payme-1", 0]);
    await first.changePayment(SCOPE, "payment-1", paying());
    await readBoth(second, first, ["PAID", 1, "payme-1", 1]);
    await second.changeTransaction(SCOPE, "payme-1", cancelling());
    await readBoth(first, second, ["PAID", -1, undefined, 1]);
    const [event] = await first.appendEvents([newEvent()]);
    equal(await second.listEvents(SCOPE, { limit: 9 }), [event], "an event");
  }),
  rule("the guards of one storage hold against the rows of the other", async (kit) => {
    const [first, second] = await both(kit);
    await first.addPayment(paymentRow({ reference: "order-1" }));
    await first.addTransaction(transactionRow());
    await first.appendEvents([newEvent({ kind: "double_payment", paymeId: "payme-1" })]);
    await first.changePayment(SCOPE, "payment-1", paying({ from: ["PENDING"] }));
    const outcomes = [
      await second.changePayment(SCOPE, "payment-1", paying()),
      await second.changePayment(SCOPE, "payment-1", paying({ paidBy: "payme-2" })),
      await second.addTransaction(transactionRow()),
      await second.addTransaction(transactionRow({ paymeId: "payme-2" })),
    ].map(({ outcome }) => outcome);
    equal(outcomes, ["already_applied", "conflict", "already_applied", "order_busy"], "outcomes");
    const incident = newEvent({ kind: "double_payment", paymeId: "payme-1" });
    equal(await second.appendEvents([incident]), [], "the same incident");
  }),
  rule("a lease of one storage holds for the other; its token closes it in either", async (kit) => {
    const [first, second] = await both(kit);
    const [message] = await first.appendEvents([newEvent({ deliverAt: NOW })]);
    await first.addPayment(paymentRow({ nextCheckAt: NOW }));
    const claim = { now: NOW, leaseUntil: NOW + 100, token: "mine", limit: 9 };
    equal((await first.claimEvents(SCOPE, claim)).length, 1, "the first's message");
    equal((await second.claimDuePayments(SCOPE, claim)).length, 1, "the second's payment");
    equal((await second.claimEvents(SCOPE, { ...claim, token: "other" })).length, 0, "the message again");
    equal((await first.claimDuePayments(SCOPE, claim)).length, 0, "the payment again");
    const result = { result: "delivered", token: "mine", at: NOW } as const;
    equal((await second.closeEvent(SCOPE, message?.id ?? 0, result)).outcome, "applied", "closed by its token");
  }),
  rule("event ids ascend over both storages", async (kit) => {
    const [first, second] = await both(kit);
    const ids: number[] = [];
    for (const storage of [first, second, second, first]) {
      ids.push(...column(await storage.appendEvents([newEvent()]), "id"));
    }
    equal(
      ids,
      [...new Set(ids)].sort((a, b) => a - b),
      "the ids, in the order of writing",
    );
  }),
  rule("both storages migrate at once; one still works after the other is closed", async (kit) => {
    const [first, second] = await both(kit);
    await Promise.all([first.migrate(), second.migrate(), first.migrate(), second.migrate()]);
    await first.addPayment(paymentRow());
    await second.close();
    equal((await first.changePayment(SCOPE, "payment-1", paying())).outcome, "applied", "a change");
  }),
  {
    title: "two transactions that take the same rows in opposite order end whole or not at all",
    mend: "Let the database find the deadlock. Then run the whole transaction again (at most 3 times), or roll back and reject; never wait forever.",
    async run(kit) {
      const [first, second] = await both(kit);
      await first.addPayment(paymentRow({ id: "a" }));
      await first.addPayment(paymentRow({ id: "b" }));
      const ended = await Promise.allSettled([payBoth(first, ["a", "b"], "one"), payBoth(second, ["b", "a"], "two")]);
      const rows = [await first.findPayment(SCOPE, { id: "a" }), await first.findPayment(SCOPE, { id: "b" })];
      const payers = rows.map((row) => row?.paidBy);
      equal(payers[0], payers[1], "who paid a, and who paid b");
      const winners = ended.filter((each) => each.status === "fulfilled" && each.value === "applied");
      equal(winners.length, 1, "how many paid both");
    },
  },
  {
    title: "the database itself holds what is acknowledged, and nothing earlier",
    needs: "witness",
    mend: "Resolve only after the commit, write through (no write-behind, no cache), and hide every row of a transaction until it commits.",
    async run({ storage, witness }) {
      const seen = async () => [
        (await witness?.payment("payment-1"))?.status,
        await witness?.transactionState("payme-1"),
        await witness?.countEvents(),
      ];
      equal(await seen(), [undefined, undefined, 0], "at first");
      await storage.addPayment(paymentRow());
      equal(await seen(), ["PENDING", undefined, 0], "once addPayment has ended");
      await storage.addTransaction(transactionRow());
      equal(await seen(), ["PENDING", 1, 0], "once addTransaction has ended");
      await storage.transaction(async (tx) => {
        const verbs = storage.using(tx);
        await verbs.changePayment(SCOPE, "payment-1", paying());
        await verbs.changeTransaction(SCOPE, "payme-1", performing());
        await verbs.appendEvents([newEvent()]);
        equal(await seen(), ["PENDING", 1, 0], "while the hook runs");
      });
      equal(await seen(), ["PAID", 2, 1], "once the transaction has ended");
    },
  },
];

async function both<Tx>(kit: StorageUnderTest<Tx>): Promise<[Storage<Tx>, Storage<Tx>]> {
  return [kit.storage, (await kit.second?.()) ?? kit.storage];
}

/** Pays two payments in one transaction, with a wait between them. */
function payBoth<Tx>(storage: Storage<Tx>, ids: readonly string[], paidBy: string): Promise<string> {
  const lost = new Error("the other was first");
  return storage
    .transaction(async (tx) => {
      for (const id of ids) {
        const paid = await storage.using(tx).changePayment(SCOPE, id, paying({ paidBy }));
        if (paid.outcome !== "applied") throw lost;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return "applied";
    })
    .catch((error: unknown) => {
      if (error === lost) return "lost";
      throw error;
    });
}
