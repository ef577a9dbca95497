import type { TransactionVerbs } from "../../ledger/storage";
import {
  changedTransaction,
  isLive,
  judgeTransaction,
  type TransactionRow,
  transactionGuardHolds,
} from "../../ledger/transaction";
import { TransactionState } from "../../protocol/states";
import { byTime, follow, isAfter, isOf, keyOf } from "./memory-keys";
import type { MemoryTx } from "./memory-table";
import { holders, transactions } from "./memory-tables";

/** The verbs on transactions over memory tables. */
export function memoryTransactions(tx: MemoryTx): TransactionVerbs {
  function saveTransaction(row: TransactionRow): void {
    const key = keyOf(row, row.paymeId);
    const order = keyOf(row, row.orderKey);
    transactions(tx).set(key, row);
    if (row.source === "merchant" && row.oneTime && isLive(row)) holders(tx).set(order, { key });
    else if (holders(tx).get(order)?.key === key) holders(tx).delete(order);
  }

  return {
    async findTransaction(scope, paymeId) {
      return transactions(tx).get(keyOf(scope, paymeId));
    },

    async findLiveByOrder(scope, orderKey) {
      return follow(transactions(tx), holders(tx).get(keyOf(scope, orderKey)));
    },

    async addTransaction(row) {
      const same = transactions(tx).get(keyOf(row, row.paymeId));
      if (same !== undefined) return { outcome: "already_applied", row: same };
      const holder =
        row.source === "merchant" && row.oneTime && isLive(row)
          ? follow(transactions(tx), holders(tx).get(keyOf(row, row.orderKey)))
          : undefined;
      if (holder !== undefined) return { outcome: "order_busy", row: holder };
      saveTransaction(row);
      return { outcome: "applied", row };
    },

    async changeTransaction(scope, paymeId, change) {
      const row = transactions(tx).get(keyOf(scope, paymeId));
      if (row === undefined || !transactionGuardHolds(row, change)) return judgeTransaction(row, change);
      const changed = changedTransaction(row, change);
      saveTransaction(changed);
      return { outcome: "applied", row: changed };
    },

    async saveFiscalData(scope, paymeId, type, data) {
      const row = transactions(tx).get(keyOf(scope, paymeId));
      if (row === undefined) return { outcome: "not_found" };
      const member = type === "PERFORM" ? "fiscalPerform" : "fiscalCancel";
      if (JSON.stringify(row[member]) === JSON.stringify(data)) return { outcome: "already_applied", row };
      const changed = { ...row, [member]: data };
      saveTransaction(changed);
      return { outcome: "applied", row: changed };
    },

    async listTransactions(scope, { from, to, after, limit }) {
      const time = (row: TransactionRow) => row.time;
      const id = (row: TransactionRow) => row.paymeId;
      return transactions(tx)
        .filter((row) => isOf(scope, row) && row.source === "merchant" && row.time >= from && row.time <= to)
        .filter((row) => isAfter(after, row.time, row.paymeId))
        .sort(byTime(time, id))
        .slice(0, limit);
    },

    async listExpired(scope, { before, after, limit }) {
      const isExpired = (row: TransactionRow) => row.state === TransactionState.CREATED && row.time < before;
      return transactions(tx)
        .filter((row) => isOf(scope, row) && row.source === "merchant" && isExpired(row))
        .filter((row) => isAfter(after, row.time, row.paymeId))
        .sort(
          byTime(
            (row) => row.time,
            (row) => row.paymeId,
          ),
        )
        .slice(0, limit);
    },
  };
}
