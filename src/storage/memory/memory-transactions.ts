import type { Scope } from "../../ledger/outcome";
import type { TransactionVerbs } from "../../ledger/storage";
import {
  changedTransaction,
  isLive,
  judgeTransaction,
  type TransactionRow,
  transactionGuardHolds,
} from "../../ledger/transaction";
import { TransactionState } from "../../protocol/states";
import { freeze, type MemoryTx } from "./memory-table";
import { asJson, follow, holders, isOf, keyOf, pageOf, transactions } from "./memory-tables";

/** The verbs on transactions over memory tables. */
export function memoryTransactions(tx: MemoryTx): TransactionVerbs {
  function saveTransaction(row: TransactionRow): void {
    const key = keyOf(row, row.paymeId);
    const order = orderOf(row);
    transactions(tx).set(key, freeze(row));
    if (row.source === "merchant" && row.oneTime && isLive(row)) holders(tx).set(order, { key });
    else if (holders(tx).get(order)?.key === key) holders(tx).delete(order);
  }

  /** The key of an order: its space and its reference. */
  function orderOf({ mode, orderSpace, reference }: Pick<TransactionRow, "mode" | "orderSpace" | "reference">): string {
    return keyOf({ mode, cashbox: orderSpace }, reference);
  }

  function merchantRows(scope: Scope, isMeant: (row: TransactionRow) => boolean): TransactionRow[] {
    return transactions(tx).filter((row) => isOf(scope, row) && row.source === "merchant" && isMeant(row));
  }

  const timeOf = ({ time, paymeId: id }: TransactionRow) => ({ time, id });

  return {
    async findTransaction(scope, paymeId) {
      return transactions(tx).get(keyOf(scope, paymeId));
    },

    async findTransactions(scope, paymeIds) {
      const rows = [...new Set(paymeIds)].flatMap((paymeId) => transactions(tx).get(keyOf(scope, paymeId)) ?? []);
      return pageOf(rows, timeOf, { limit: rows.length });
    },

    async findLiveByOrder({ cashbox, mode }, reference, orderSpace = cashbox) {
      return follow(transactions(tx), holders(tx).get(orderOf({ mode, orderSpace, reference })));
    },

    async addTransaction(row) {
      const same = transactions(tx).get(keyOf(row, row.paymeId));
      if (same !== undefined) return { outcome: "already_applied", row: same };
      const holder =
        row.source === "merchant" && row.oneTime && isLive(row)
          ? follow(transactions(tx), holders(tx).get(orderOf(row)))
          : undefined;
      if (holder !== undefined) return { outcome: "order_busy", row: holder };
      const stored = { ...row, account: asJson(row.account), receivers: asJson(row.receivers) };
      saveTransaction(stored);
      return { outcome: "applied", row: stored };
    },

    async changeTransaction(scope, paymeId, change) {
      const row = transactions(tx).get(keyOf(scope, paymeId));
      if (row === undefined || !transactionGuardHolds(row, change)) return judgeTransaction(row, change);
      const changed = changedTransaction(row, change);
      saveTransaction(changed);
      return { outcome: "applied", row: changed };
    },

    async moveOrders(scope, orderSpace) {
      const moving = merchantRows(scope, (row) => row.oneTime && isLive(row) && row.orderSpace !== orderSpace);
      const isTaken = (row: TransactionRow) =>
        holders(tx).get(orderOf({ ...row, orderSpace })) !== undefined ||
        moving.some((other) => other.reference === row.reference && other.paymeId !== row.paymeId);
      const rows = pageOf(moving.filter(isTaken), timeOf, { limit: 10 });
      if (rows.length > 0) return { outcome: "conflict", rows };
      for (const row of moving) {
        holders(tx).delete(orderOf(row));
        saveTransaction({ ...row, orderSpace });
      }
      return { outcome: "applied" };
    },

    async saveFiscalData(scope, paymeId, type, data) {
      const row = transactions(tx).get(keyOf(scope, paymeId));
      if (row === undefined) return { outcome: "not_found" };
      const member = type === "PERFORM" ? "fiscalPerform" : "fiscalCancel";
      if (JSON.stringify(row[member]) === JSON.stringify(data)) return { outcome: "already_applied", row };
      const changed = { ...row, [member]: asJson(data) };
      saveTransaction(changed);
      return { outcome: "applied", row: changed };
    },

    async listTransactions(scope, { from, to, ...page }) {
      return pageOf(
        merchantRows(scope, ({ time }) => time >= from && time <= to),
        timeOf,
        page,
      );
    },

    async listExpired(scope, { before, ...page }) {
      const isExpired = ({ state, time }: TransactionRow) => state === TransactionState.CREATED && time < before;
      return pageOf(merchantRows(scope, isExpired), timeOf, page);
    },
  };
}
