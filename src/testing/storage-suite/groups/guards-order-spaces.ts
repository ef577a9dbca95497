import type { Storage, TransactionRow } from "../../../ledger";
import { TransactionState } from "../../../protocol/states";
import { equal } from "../check";
import { cancelling, column, performing, SCOPE, transactionRow } from "../rows";
import { rule, type SuiteCase } from "../under-test";

const SPACE = "shared";
const BOT = { cashbox: "bot", mode: SCOPE.mode } as const;

/** Cashboxes that sell the same orders: one live transaction in a space of references, of whichever cashbox. */
export const orderSpaces: readonly SuiteCase[] = [
  {
    title: "an order has one live transaction in its space, of whichever cashbox; other spaces do not meet",
    mend: "Make (reference, orderSpace, mode) unique among live transactions, without the cashbox, and find the holder by the same.",
    async run({ storage }) {
      const added = async (row: Partial<TransactionRow>) => {
        const { outcome, row: stored } = await storage.addTransaction(transactionRow(row));
        return `${outcome} ${stored.paymeId}`;
      };
      equal(await added({ orderSpace: SPACE }), "applied payme-1", "the first");
      equal(await added({ ...BOT, paymeId: "bot-1", orderSpace: SPACE }), "order_busy payme-1", "another cashbox");
      equal(await added({ ...BOT, paymeId: "bot-1" }), "applied bot-1", "the same cashbox in its own space");
      equal(await added({ paymeId: "payme-2" }), "applied payme-2", "the first cashbox in its own space");
      equal(await added({ mode: "live", orderSpace: SPACE }), "applied payme-1", "another mode");
      for (const scope of [SCOPE, BOT, { cashbox: "third", mode: SCOPE.mode }] as const) {
        equal((await storage.findLiveByOrder(scope, "order-1", SPACE))?.paymeId, "payme-1", "the holder in the space");
      }
      equal((await storage.findLiveByOrder(BOT, "order-1"))?.paymeId, "bot-1", "the holder in a space of one cashbox");
      equal(await storage.findLiveByOrder(BOT, "order-1", "other"), undefined, "the holder in a space of nobody");
      await storage.changeTransaction(SCOPE, "payme-1", performing());
      equal(await added({ ...BOT, paymeId: "bot-2", orderSpace: SPACE }), "order_busy payme-1", "beside a paid one");
      const refund = { from: TransactionState.PERFORMED, to: TransactionState.REFUNDED, at: 1 } as const;
      await storage.changeTransaction(SCOPE, "payme-1", refund);
      equal(await added({ ...BOT, paymeId: "bot-2", orderSpace: SPACE }), "applied bot-2", "after the refund");
      equal(await storage.findTransaction(SCOPE, "bot-2"), undefined, "another cashbox's transaction");
    },
  },
  {
    title: "moving orders takes the live ones of a cashbox into another space, and nothing else",
    mend: "In one statement: UPDATE … SET order_space … WHERE cashbox, mode, live, one-time, and source merchant.",
    async run({ storage }) {
      const rows = [
        transactionRow(),
        transactionRow({ paymeId: "payme-2", reference: "order-2", state: TransactionState.PERFORMED }),
        transactionRow({ paymeId: "payme-3", reference: "order-3", state: TransactionState.CANCELLED }),
        transactionRow({ paymeId: "payme-4", reference: "order-4", oneTime: false }),
        transactionRow({ paymeId: "payme-5", reference: "order-5", source: "receipt" }),
        transactionRow({ ...BOT, paymeId: "bot-6", reference: "order-6" }),
        transactionRow({ paymeId: "payme-7", reference: "order-7", mode: "live" }),
      ];
      for (const row of rows) await storage.addTransaction(row);
      const spaces = async () => {
        const found: string[] = [];
        for (const row of rows) found.push((await storage.findTransaction(row, row.paymeId))?.orderSpace ?? "missing");
        return found;
      };
      const own = SCOPE.cashbox;
      for (const time of ["first", "second"]) {
        equal(await storage.moveOrders(SCOPE, SPACE), { outcome: "applied" }, `the ${time} time`);
        equal(await spaces(), [SPACE, SPACE, own, own, own, BOT.cashbox, own], `the spaces, the ${time} time`);
      }
      equal(await holders(storage, own), [], "the holders in the old space");
      equal(await holders(storage, SPACE), ["payme-1", "payme-2"], "the holders in the new space");
      await storage.moveOrders(SCOPE, own);
      equal(await holders(storage, own), ["payme-1", "payme-2"], "the holders after the way back");
    },
  },
  rule("orders move all or none: two live transactions of one order never meet", async ({ storage }) => {
    const mine = transactionRow();
    const theirs = transactionRow({ ...BOT, paymeId: "bot-1", orderSpace: SPACE });
    for (const row of [mine, theirs, transactionRow({ paymeId: "payme-2", reference: "order-2" })]) {
      await storage.addTransaction(row);
    }
    equal(await storage.moveOrders(SCOPE, SPACE), { outcome: "conflict", rows: [mine] }, "the outcome");
    equal(await holders(storage, SPACE), ["bot-1"], "the holders in the new space");
    equal(await holders(storage, SCOPE.cashbox), ["payme-1", "payme-2"], "the holders in the old space");
    await storage.changeTransaction(BOT, "bot-1", cancelling());
    equal(await storage.moveOrders(SCOPE, SPACE), { outcome: "applied" }, "the outcome once the other has ended");
    // Two processes with different settings: one order twice in one cashbox.
    const second = transactionRow({ paymeId: "payme-3", orderSpace: "third" });
    await storage.addTransaction(second);
    const moved = await storage.moveOrders(SCOPE, "fourth");
    equal(moved.outcome === "conflict" && column(moved.rows, "paymeId"), ["payme-1", "payme-3"], "both of them");
  }),
];

async function holders(storage: Storage<unknown>, space: string): Promise<string[]> {
  const ids: string[] = [];
  for (const reference of ["order-1", "order-2"]) {
    const holder = await storage.findLiveByOrder(SCOPE, reference, space);
    if (holder !== undefined) ids.push(holder.paymeId);
  }
  return ids;
}
