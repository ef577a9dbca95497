import { judgeTransaction, type TransactionVerbs } from "../../ledger";
import type { Executor } from "./executor";
import { insertInto, RowAccess } from "./row-access";
import { transactionTable } from "./rows";
import { quoted, type TableNames } from "./tables";

/** Returns the statements on transactions. Each change has its guard in it, and returns the row that it changed. */
export function transactionStatements(tables: TableNames) {
  const transaction = quoted(tables.transaction);
  const isRow = "payme_id = $3::text AND cashbox = $1::text AND mode = $2::text";
  const saveFiscal = (column: string) => `
      UPDATE ${transaction} SET ${column} = $4::text
      WHERE ${isRow} AND (${column} IS NULL OR ${column} <> $4::text)
      RETURNING *`;
  return {
    add: insertInto(transaction, transactionTable),

    find: `SELECT * FROM ${transaction} WHERE ${isRow}`,

    findLiveByOrder: `
      SELECT * FROM ${transaction}
      WHERE order_key = $3::text AND cashbox = $1::text AND mode = $2::text
        AND source = 'merchant' AND one_time = 1 AND state IN (1, 2)`,

    // Times are raised where a clock ran back: cancel_time >= perform_time >= create_time.
    change: `
      UPDATE ${transaction} SET
        state = $4::integer,
        perform_time = CASE
          WHEN $4::integer <> 2 THEN perform_time
          WHEN $5::bigint > create_time THEN $5::bigint ELSE create_time END,
        cancel_time = CASE
          WHEN $4::integer = 2 THEN cancel_time
          WHEN $5::bigint >= perform_time AND $5::bigint >= create_time THEN $5::bigint
          WHEN perform_time > create_time THEN perform_time ELSE create_time END,
        reason = COALESCE($6::bigint, reason)
      WHERE ${isRow}
        AND state = $7::integer AND time >= $8::bigint
      RETURNING *`,

    saveFiscalPerform: saveFiscal("fiscal_perform"),
    saveFiscalCancel: saveFiscal("fiscal_cancel"),

    list: `
      SELECT * FROM ${transaction}
      WHERE cashbox = $1::text AND mode = $2::text AND source = 'merchant'
        AND time >= $3::bigint AND time <= $4::bigint AND (time, payme_id) > ($3::bigint, $5::text)
      ORDER BY time, payme_id LIMIT $6::integer`,

    listExpired: `
      SELECT * FROM ${transaction}
      WHERE cashbox = $1::text AND mode = $2::text AND source = 'merchant' AND state = 1 AND time < $3::bigint
        AND time >= $4::bigint AND (time, payme_id) > ($4::bigint, $5::text)
      ORDER BY time, payme_id LIMIT $6::integer`,
  };
}

/** The verbs on transactions over an executor. */
export function transactionVerbs(
  executor: Executor,
  statements: ReturnType<typeof transactionStatements>,
): TransactionVerbs {
  const transactions = new RowAccess(executor, transactionTable, statements);

  return {
    findTransaction: (scope, paymeId) => transactions.find(scope, paymeId),
    findLiveByOrder: (scope, reference) => transactions.first(statements.findLiveByOrder, scope, reference),

    addTransaction: (row) =>
      transactions.add(row, row.paymeId, async () => {
        const holder = await transactions.first(statements.findLiveByOrder, row, row.reference);
        return holder && { outcome: "order_busy", row: holder };
      }),

    changeTransaction: (scope, paymeId, change) =>
      transactions.change(
        statements.change,
        scope,
        [paymeId, change.to, change.at, change.reason ?? null, change.from, change.notBefore ?? 0],
        (row) => judgeTransaction(row, change),
      ),

    saveFiscalData: (scope, paymeId, type, data) =>
      transactions.change(
        type === "PERFORM" ? statements.saveFiscalPerform : statements.saveFiscalCancel,
        scope,
        [paymeId, JSON.stringify(data)],
        () => "already_applied",
      ),

    listTransactions(scope, { from, to, after, limit }) {
      // PostgreSQL enters the index at the cursor. Without one it must enter at `from`, or it would read all rows before it. No id is empty.
      const cursor = after !== undefined && after.time >= from ? after : { time: from, id: "" };
      return transactions.all(statements.list, scope, cursor.time, to, cursor.id, limit);
    },

    listExpired: (scope, { before, after, limit }) =>
      transactions.all(
        statements.listExpired,
        scope,
        before,
        after?.time ?? Number.MIN_SAFE_INTEGER,
        after?.id ?? "",
        limit,
      ),
  };
}
