import { judgeTransaction, type LastStep, type TransactionRow, type TransactionVerbs } from "../../ledger";
import type { Dialect, Executor } from "./executor";
import { forUpdate, insertInto, RowAccess } from "./row-access";
import { transactionTable } from "./rows";
import { quoted, type TableNames } from "./tables";

/** Returns the statements on transactions. Each change has its guard in it, and returns the row that it changed. */
export function transactionStatements(tables: TableNames, dialect: Dialect) {
  const transaction = quoted(tables.transaction);
  const isRow = "payme_id = $3::text AND cashbox = $1::text AND mode = $2::text";
  const saveFiscal = (column: string) => `
      UPDATE ${transaction} SET ${column} = $4::text
      WHERE ${isRow} AND (${column} IS NULL OR ${column} <> $4::text)
      RETURNING *`;
  return {
    add: insertInto(transaction, transactionTable),

    findAll: (count: number) => `
      SELECT * FROM ${transaction}
      WHERE payme_id IN (${Array.from({ length: count }, (_, index) => `$${index + 3}::text`).join(", ")})
        AND cashbox = $1::text AND mode = $2::text
      ORDER BY time, payme_id`,

    find: `SELECT * FROM ${transaction} WHERE ${isRow}`,

    findLocked: `SELECT * FROM ${transaction} WHERE ${isRow} ${forUpdate(dialect)}`,

    // $1 is the space: the cashbox, or one that several share.
    findLiveByOrder: `
      SELECT * FROM ${transaction}
      WHERE order_key = $3::text AND order_space = $1::text AND mode = $2::text AND ${isHolding("")}`,

    moveOrders: `
      UPDATE ${transaction} AS moved SET order_space = $3::text
      WHERE ${movesTo("moved")} AND NOT EXISTS (
        SELECT 1 FROM ${transaction} AS mine JOIN ${transaction} AS other ON ${inTheWay("other", "mine")}
        WHERE ${movesTo("mine")})`,

    findUnmovable: `
      SELECT * FROM ${transaction} AS mine
      WHERE ${movesTo("mine")}
        AND EXISTS (SELECT 1 FROM ${transaction} AS other WHERE ${inTheWay("other", "mine")})
      ORDER BY mine.time, mine.payme_id LIMIT 10`,

    // Times are raised where a clock ran back: cancel_time >= perform_time >= create_time.
    change: `
      UPDATE ${transaction} SET
        state = $4::integer,
        perform_time = CASE
          WHEN $4::integer <> 2 THEN perform_time
          WHEN $5::bigint > create_time THEN $5::bigint ELSE create_time END,
        cancel_time = CASE
          WHEN $4::integer = 2 THEN 0
          WHEN $5::bigint >= perform_time AND $5::bigint >= create_time THEN $5::bigint
          WHEN perform_time > create_time THEN perform_time ELSE create_time END,
        reason = CASE WHEN $4::integer <> 2 THEN COALESCE($6::bigint, reason) END,
        amount = COALESCE($9::bigint, amount)
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

/** The condition of a transaction that holds its order. */
const isHolding = (row: string) => `${row}source = 'merchant' AND ${row}one_time = 1 AND ${row}state IN (1, 2)`;

/** The condition of a transaction of the cashbox that has to move to the space $3. */
const movesTo = (row: string) =>
  `${row}.cashbox = $1::text AND ${row}.mode = $2::text AND ${row}.order_space <> $3::text AND ${isHolding(`${row}.`)}`;

/** The condition of a transaction that has, or will have, the place of another one in the space $3. */
const inTheWay = (other: string, mine: string) =>
  `${other}.order_key = ${mine}.order_key AND ${other}.mode = ${mine}.mode AND ${isHolding(`${other}.`)}
          AND (${other}.order_space = $3::text OR ${other}.cashbox = $1::text)
          AND (${other}.payme_id <> ${mine}.payme_id OR ${other}.cashbox <> ${mine}.cashbox)`;

/** The verbs on transactions over an executor. */
export function transactionVerbs(
  executor: Executor,
  statements: ReturnType<typeof transactionStatements>,
): TransactionVerbs {
  const transactions = new RowAccess(executor, transactionTable, statements);

  const holderOf = (
    { orderSpace, mode, reference }: Pick<TransactionRow, "orderSpace" | "mode" | "reference">,
    last?: LastStep,
  ) => transactions.first(statements.findLiveByOrder, { cashbox: orderSpace, mode }, [reference], last);

  return {
    findTransaction: (scope, paymeId, { lock } = {}) =>
      lock ? transactions.first(statements.findLocked, scope, [paymeId]) : transactions.find(scope, paymeId),
    findTransactions: async (scope, paymeIds) =>
      paymeIds.length === 0 ? [] : transactions.all(statements.findAll(paymeIds.length), scope, ...paymeIds),
    findLiveByOrder: ({ cashbox, mode }, reference, orderSpace = cashbox, last) =>
      holderOf({ orderSpace, mode, reference }, last),

    addTransaction: (row) =>
      transactions.add(row, row.paymeId, async () => {
        const holder = await holderOf(row);
        return holder && { outcome: "order_busy", row: holder };
      }),

    changeTransaction: (scope, paymeId, change, unlessApplied) =>
      transactions.change(
        statements.change,
        scope,
        [
          paymeId,
          change.to,
          change.at,
          change.reason ?? null,
          change.from,
          change.notBefore ?? 0,
          change.amount ?? null,
        ],
        (row) => judgeTransaction(row, change),
        unlessApplied,
      ),

    async moveOrders(scope, orderSpace) {
      await executor.execute(statements.moveOrders, [scope.cashbox, scope.mode, orderSpace]);
      const rows = await transactions.all(statements.findUnmovable, scope, orderSpace);
      return rows.length > 0 ? { outcome: "conflict", rows } : { outcome: "applied" };
    },

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
