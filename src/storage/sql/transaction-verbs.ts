import { PaymeStorageError } from "../../kit/errors";
import { judgeTransaction, type Scope, type TransactionRow, type TransactionVerbs } from "../../ledger";
import type { Executor, SqlValue } from "./executor";
import { firstRow, outcomeOf } from "./first-row";
import { transactionOf } from "./rows";
import type { transactionStatements } from "./transaction-statements";

/** How often a row is looked for that refused an insert and is gone again. */
const MAX_ATTEMPTS = 3;

/** The verbs on transactions over an executor. */
export function transactionVerbs(
  executor: Executor,
  statements: ReturnType<typeof transactionStatements>,
): TransactionVerbs {
  const one = (sql: string, scope: Scope, params: readonly SqlValue[]) =>
    firstRow(executor, sql, scope, params, transactionOf);
  const find = (scope: Scope, paymeId: string) => one(statements.find, scope, [paymeId]);
  const findLiveByOrder = (scope: Scope, orderKey: string) => one(statements.findLiveByOrder, scope, [orderKey]);

  return {
    findTransaction: find,
    findLiveByOrder,

    async addTransaction(row) {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const added = await one(statements.add, row, valuesOf(row));
        if (added !== undefined) return { outcome: "applied", row: added };
        const same = await find(row, row.paymeId);
        if (same !== undefined) return { outcome: "already_applied", row: same };
        const holder = await findLiveByOrder(row, row.orderKey);
        if (holder !== undefined) return { outcome: "order_busy", row: holder };
      }
      throw new PaymeStorageError("STORAGE_BUSY", "the row that refused a transaction keeps changing");
    },

    async changeTransaction(scope, paymeId, change) {
      const params = [paymeId, change.to, change.at, change.reason ?? null, change.from, change.notBefore ?? 0];
      const changed = await one(statements.change, scope, params);
      if (changed !== undefined) return { outcome: "applied", row: changed };
      return judgeTransaction(await find(scope, paymeId), change);
    },

    async saveFiscalData(scope, paymeId, type, data) {
      const statement = type === "PERFORM" ? statements.saveFiscalPerform : statements.saveFiscalCancel;
      const saved = await one(statement, scope, [paymeId, JSON.stringify(data)]);
      return outcomeOf(
        saved,
        () => find(scope, paymeId),
        () => "already_applied",
      );
    },

    async listTransactions({ cashbox, mode }, { from, to, after, limit }) {
      // PostgreSQL enters the index by the cursor: at the first time that is wanted, or it would pass over all before it. No id is empty.
      const cursor = after !== undefined && after.time >= from ? after : { time: from, id: "" };
      const params = [cashbox, mode, cursor.time, to, cursor.id, limit];
      const rows = await executor.execute(statements.list, params);
      return rows.map(transactionOf);
    },

    async listExpired({ cashbox, mode }, { before, after, limit }) {
      const cursor = [after?.time ?? Number.MIN_SAFE_INTEGER, after?.id ?? ""];
      const rows = await executor.execute(statements.listExpired, [cashbox, mode, before, ...cursor, limit]);
      return rows.map(transactionOf);
    },
  };
}

/** The columns after cashbox and mode, as the insert names them. */
function valuesOf(row: TransactionRow): SqlValue[] {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  return [
    row.paymeId,
    row.source,
    row.transaction,
    row.state,
    row.orderKey,
    row.oneTime ? 1 : 0,
    row.amount,
    JSON.stringify(row.account),
    row.time,
    row.createTime,
    row.performTime,
    row.cancelTime,
    row.reason,
    json(row.receivers),
    json(row.fiscalPerform),
    json(row.fiscalCancel),
  ];
}
