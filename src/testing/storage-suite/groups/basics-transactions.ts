import type { Cursor, TransactionRow } from "../../../ledger";
import { TransactionState } from "../../../protocol/states";
import { equal } from "../check";
import {
  cancelling,
  column,
  FULL_TRANSACTION,
  MOST,
  NOW,
  OTHER_SCOPES,
  performing,
  SCOPE,
  transactionRow,
} from "../rows";
import { rule, type SuiteCase } from "../under-test";

/** Transactions are stored and found. */
export const transactionBasics: readonly SuiteCase[] = [
  rule("migrates any number of times, also at once, and keeps the rows", async ({ storage }) => {
    await storage.addTransaction(transactionRow());
    await Promise.all([storage.migrate(), storage.migrate()]);
    equal(await storage.findTransaction(SCOPE, "payme-1"), transactionRow(), "the row");
  }),
  rule("finds nothing in an empty database", async ({ storage }) => {
    equal(await storage.findTransaction(SCOPE, "payme-1"), undefined, "findTransaction");
    equal(await storage.findLiveByOrder(SCOPE, "order-1"), undefined, "findLiveByOrder");
    equal(await storage.listTransactions(SCOPE, { from: 0, to: MOST, limit: 9 }), [], "listTransactions");
    equal(await storage.listExpired(SCOPE, { before: MOST, limit: 9 }), [], "listExpired");
  }),
  rule("returns a transaction unchanged: every column, any text", async ({ storage }) => {
    await storage.addTransaction(FULL_TRANSACTION);
    await storage.addTransaction(transactionRow({ paymeId: "payme-2" }));
    equal(await storage.findTransaction(SCOPE, "payme-1"), FULL_TRANSACTION, "the full row");
    equal(await storage.findTransaction(SCOPE, "payme-2"), transactionRow({ paymeId: "payme-2" }), "the bare row");
  }),
  rule("keeps cashboxes and modes apart", async ({ storage }) => {
    await storage.addTransaction(transactionRow());
    for (const scope of OTHER_SCOPES) {
      equal(await storage.findTransaction(scope, "payme-1"), undefined, "another scope's transaction");
      equal(await storage.findLiveByOrder(scope, "order-1"), undefined, "another scope's order");
      const { outcome } = await storage.addTransaction(transactionRow(scope));
      equal(outcome, "applied", "the same Payme id and order in another scope");
      equal((await storage.changeTransaction(scope, "payme-1", performing())).outcome, "applied", "a change there");
      const listed = await storage.listTransactions(scope, { from: 0, to: MOST, limit: 9 });
      equal(listed.length, 1, "the other scope's list");
    }
    equal(await storage.findTransaction(SCOPE, "payme-1"), transactionRow(), "the first scope's row");
  }),
  rule("finds several transactions by their Payme ids, oldest first", async ({ storage }) => {
    for (const [index, time] of [3, 1, 2].entries()) await storage.addTransaction(numbered(index, NOW + time));
    for (const scope of OTHER_SCOPES) await storage.addTransaction({ ...numbered(4, NOW), ...scope });
    const found = await storage.findTransactions(SCOPE, ["payme-0", "payme-4", "payme-1", "payme-0", "none"]);
    equal(column(found, "paymeId"), ["payme-1", "payme-0"], "those of the scope");
    equal(await storage.findTransactions(SCOPE, []), [], "of no id");
  }),
  rule("finds the live transaction that holds a one-time order", async ({ storage }) => {
    await storage.addTransaction(transactionRow());
    equal((await storage.findLiveByOrder(SCOPE, "order-1"))?.paymeId, "payme-1", "the holder of a created one");
    await storage.changeTransaction(SCOPE, "payme-1", performing());
    equal((await storage.findLiveByOrder(SCOPE, "order-1"))?.paymeId, "payme-1", "the holder of a performed one");
    await storage.addTransaction(transactionRow({ paymeId: "payme-2", reference: "order-2" }));
    await storage.changeTransaction(SCOPE, "payme-2", cancelling());
    equal(await storage.findLiveByOrder(SCOPE, "order-2"), undefined, "the holder of a cancelled one");
    await storage.addTransaction(transactionRow({ paymeId: "payme-3", reference: "order-3", oneTime: false }));
    await storage.addTransaction(transactionRow({ paymeId: "payme-4", reference: "order-4", source: "receipt" }));
    equal(await storage.findLiveByOrder(SCOPE, "order-3"), undefined, "the holder of an accumulative account");
    equal(await storage.findLiveByOrder(SCOPE, "order-4"), undefined, "a receipt as the holder");
  }),
  rule("lists open merchant transactions older than a time, oldest first", async ({ storage }) => {
    for (const [index, time] of [3, 1, 2, 1].entries()) await storage.addTransaction(numbered(index, NOW + time));
    await storage.addTransaction({ ...numbered(4, NOW), state: TransactionState.PERFORMED });
    await storage.addTransaction({ ...numbered(5, NOW), source: "receipt" });
    const ids = async (limit: number, after?: Cursor) =>
      column(await storage.listExpired(SCOPE, { before: NOW + 3, after, limit }), "paymeId");
    equal(await ids(9), ["payme-1", "payme-3", "payme-2"], "those before");
    equal(await ids(2), ["payme-1", "payme-3"], "the first two");
    equal(await ids(9, { time: NOW + 1, id: "payme-1" }), ["payme-3", "payme-2"], "those after one of an equal time");
    equal(await ids(1, { time: NOW + 1, id: "payme-3" }), ["payme-2"], "the next one");
    equal(await ids(9, { time: NOW + 2, id: "payme-2" }), [], "those after the last one");
  }),
  rule("keeps fiscal data of PERFORM and CANCEL apart; new data of a type replaces the old", async ({ storage }) => {
    await storage.addTransaction(transactionRow());
    await storage.saveFiscalData(SCOPE, "payme-1", "PERFORM", { receipt_id: 1 });
    await storage.saveFiscalData(SCOPE, "payme-1", "CANCEL", { receipt_id: 2 });
    await storage.saveFiscalData(SCOPE, "payme-1", "PERFORM", { receipt_id: 3 });
    const saved = transactionRow({ fiscalPerform: { receipt_id: 3 }, fiscalCancel: { receipt_id: 2 } });
    equal(await storage.findTransaction(SCOPE, "payme-1"), saved, "the row");
  }),
];

/** One of many transactions, each with its own order. */
function numbered(index: number, time: number): TransactionRow {
  return transactionRow({ paymeId: `payme-${index}`, reference: `order-${index}`, time });
}
