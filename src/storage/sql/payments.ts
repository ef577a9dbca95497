import { DAY_MS } from "../../kit/calendar";
import {
  countsAsOpen,
  type DayTotals,
  joinTotals,
  judgeCancelRequest,
  judgePayment,
  type PaymentChange,
  type PaymentStatistics,
  type PaymentVerbs,
  type Scope,
  SUBSCRIPTION_KIND,
  type TransactionSource,
} from "../../ledger";
import { integer, text } from "./columns";
import type { Dialect, Executor, SqlRow, SqlValue } from "./executor";
import { forUpdate, insertInto, RowAccess } from "./row-access";
import { paymentTable, totalOf } from "./rows";
import { IS_REFUNDING, quoted, type TableNames } from "./tables";

/** The payments that count as open, in the words of their index: see `countsAsOpen`. */
export const OPEN_OF_USER = `status = 'PENDING' AND kind <> '${SUBSCRIPTION_KIND}'`;

const SOURCES: readonly TransactionSource[] = ["merchant", "receipt", "gateway"];

/** Returns the statements on payments. Each change has its guard in it, and returns the row that it changed. */
export function paymentStatements(tables: TableNames, dialect: Dialect) {
  const payment = quoted(tables.payment);
  const event = quoted(tables.event);
  const isRow = "id = $3::text AND cashbox = $1::text AND mode = $2::text";
  // Workers that claim at once skip each other's rows instead of waiting. SQLite has one writer at a time.
  const skipLocked = dialect === "postgres" ? "FOR UPDATE SKIP LOCKED" : "";
  /** The refunds by day and source whose `column` is in the period. A driver may bind times as floats. */
  const refunds = (kind: keyof DayTotals, column: "cancelled_ms" | "refunded_ms", and = "") => `
      SELECT '${kind}' AS kind, CAST((${column} - $3::bigint) / $5::bigint AS BIGINT) AS day, paid_source AS source,
        COUNT(*) AS count, SUM(COALESCE(paid_amount, amount)) AS amount
      FROM ${payment}
      WHERE cashbox = $1::text AND mode = $2::text AND paid_ms IS NOT NULL AND paid_source IS NOT NULL
        AND ${column} >= $3::bigint AND ${column} < $4::bigint${and}
      GROUP BY 2, 3`;
  /** Of one day and source: a range of the index. To sort a million payments into days takes longer than to read them. */
  const ofDay = `
        FROM ${payment}
        WHERE cashbox = $1::text AND mode = $2::text AND paid_source = source AND paid_ms >= since AND paid_ms < until`;
  const [counted, summed] = ["COUNT(*)", "SUM(COALESCE(paid_amount, amount))"];
  // PostgreSQL reads each range once. SQLite has no LATERAL.
  const paid =
    dialect === "postgres"
      ? `count, amount FROM days CROSS JOIN sources CROSS JOIN LATERAL (
        SELECT ${counted} AS count, ${summed} AS amount ${ofDay}) AS sums`
      : `(SELECT ${counted} ${ofDay}) AS count, (SELECT ${summed} ${ofDay}) AS amount FROM days CROSS JOIN sources`;
  const untilAfter = (since: string) =>
    `CASE WHEN ${since} + $5::bigint < $4::bigint THEN ${since} + $5::bigint ELSE $4::bigint END`;
  const totals = (days: string) => `
      WITH RECURSIVE days (day, since, until) AS (${days}),
      sources (source) AS (VALUES ${SOURCES.map((source) => `('${source}')`).join()})
      SELECT 'paid' AS kind, day, source, ${paid}
      UNION ALL ${refunds("refunding", "cancelled_ms", " AND refund <> 'done'")}
      UNION ALL ${refunds("refunded", "refunded_ms")}`;
  /** The first of a source after a place, within a period. */
  const paidBy = (source: TransactionSource) => `
        SELECT id FROM (
          SELECT id FROM ${payment}
          WHERE cashbox = $1::text AND mode = $2::text AND paid_source = '${source}' AND paid_ms >= $3::bigint
            AND paid_ms < $4::bigint AND (paid_ms, id) > ($5::bigint, $6::text)
          ORDER BY paid_ms, id LIMIT $7::integer) AS by_${source}`;
  const newestOf = (column: "user_id" | "reference") => `
        SELECT id FROM (
          SELECT id FROM ${payment} WHERE ${column} = $3::text AND cashbox = $1::text AND mode = $2::text
          ORDER BY created_ms DESC, id DESC LIMIT $4::integer) AS by_${column}`;
  /** True while a user has fewer open payments than a bound. Four parameters: cashbox, mode, user and bound. */
  const hasRoom = (first: number) => `NOT EXISTS (
        SELECT 1 FROM ${payment}
        WHERE cashbox = $${first}::text AND mode = $${first + 1}::text AND user_id = $${first + 2}::text AND ${OPEN_OF_USER}
        LIMIT 1 OFFSET $${first + 3}::bigint - 1)`;
  /** Counts each kind of the payments that were made in the period. */
  const countWithin = `
      SELECT status, CASE WHEN webhook_received_ms IS NULL THEN 0 ELSE 1 END AS notified,
        COALESCE(payme_error_code, '') AS error_code, COUNT(*) AS count
      FROM ${payment}
      WHERE cashbox = $1::text AND mode = $2::text AND created_ms >= $3::bigint AND created_ms < $4::bigint`;
  return {
    // SQLite has one writer. On PostgreSQL calls at once see nothing of each other's payments: those of one user take turns.
    takeTurn: `
      SELECT pg_advisory_xact_lock(
        hashtextextended(concat_ws(chr(31), 'payme-kit', $1::text, $2::text, $3::text), 0))::text AS turn`,

    addWithin: insertInto(payment, paymentTable, hasRoom(paymentTable.inserted.length + 1)),

    isFull: `SELECT 1 AS found WHERE NOT ${hasRoom(1)}`,

    // Not for a known payment: adding it again changes nothing.
    freeReference: `
      UPDATE ${payment} SET reference = NULL
      WHERE reference = $3::text AND cashbox = $1::text AND mode = $2::text
        AND status = 'PENDING' AND created_ms < $4::bigint AND charge_until_ms IS NULL AND held_ms IS NULL
        AND NOT EXISTS (SELECT 1 FROM ${payment} WHERE id = $5::text) AND ${hasRoom(6)}`,

    add: insertInto(payment, paymentTable),

    find: `SELECT * FROM ${payment} WHERE ${isRow}`,

    findLocked: `SELECT * FROM ${payment} WHERE ${isRow} ${forUpdate(dialect)}`,

    findByPaymeId: `
      SELECT * FROM ${payment}
      WHERE (payme_transaction_id = $3::text OR paid_by = $3::text) AND cashbox = $1::text AND mode = $2::text
      LIMIT 1`,

    findOpenByReference: `
      SELECT * FROM ${payment}
      WHERE reference = $3::text AND cashbox = $1::text AND mode = $2::text AND status = 'PENDING'`,

    findByReference: `
      SELECT * FROM ${payment}
      WHERE reference = $3::text AND cashbox = $1::text AND mode = $2::text
      ORDER BY created_ms DESC, id DESC LIMIT 1`,

    findPaidByReference: `
      SELECT * FROM ${payment}
      WHERE reference = $3::text AND cashbox = $1::text AND mode = $2::text AND paid_ms IS NOT NULL
      ORDER BY created_ms DESC, id DESC LIMIT 1`,

    change: `
      UPDATE ${payment} SET
        status = $4::text,
        updated_ms = CASE WHEN $5::bigint > updated_ms THEN $5::bigint ELSE updated_ms END,
        paid_by = COALESCE($6::text, paid_by),
        paid_source = COALESCE($7::text, paid_source),
        paid_ms = COALESCE($8::bigint, paid_ms),
        paid_amount = COALESCE($21::bigint, paid_amount),
        cancelled_ms = CASE
          WHEN $4::text <> 'CANCELLED' THEN NULL
          WHEN cancelled_ms IS NOT NULL THEN cancelled_ms
          WHEN $5::bigint > updated_ms THEN $5::bigint ELSE updated_ms END,
        payme_cheque_id = COALESCE($9::text, payme_cheque_id),
        unfulfilled = COALESCE($17::integer, unfulfilled),
        refund = COALESCE($18::text, refund),
        refunded_ms = COALESCE($19::bigint, refunded_ms),
        refund_doubted_ms = CASE WHEN $20::bigint = 0 THEN NULL ELSE COALESCE($20::bigint, refund_doubted_ms) END,
        held = 0,
        webhook_received_ms = COALESCE(webhook_received_ms, $10::bigint),
        payme_error_code = COALESCE($11::text, payme_error_code),
        payme_error_message = COALESCE($12::text, payme_error_message),
        cancel_requested_ms = CASE WHEN $4::text = 'PAID' AND status <> 'PAID' THEN NULL ELSE cancel_requested_ms END,
        next_check_ms = COALESCE($13::bigint,
          CASE WHEN $4::text = 'PAID' AND cancel_requested_ms IS NOT NULL THEN next_check_ms END)
      WHERE ${isRow}
        AND status IN ($14::text, $15::text) AND amount = COALESCE($16::bigint, amount)
        AND ($18::text IS NULL OR refund <> 'done') AND ($21::bigint IS NULL OR paid_by IS NULL)
      RETURNING *`,

    attachReceipt: `
      UPDATE ${payment} SET payme_transaction_id = $4::text, payme_cheque_id = $5::text, pay_url = $6::text,
        updated_ms = $7::bigint, next_check_ms = $8::bigint
      WHERE ${isRow} AND payme_transaction_id IS NULL
      RETURNING *`,

    requestCancel: `
      UPDATE ${payment} SET cancel_requested_ms = $4::bigint, updated_ms = $4::bigint,
        next_check_ms = $5::bigint
      WHERE ${isRow}
        AND cancel_requested_ms IS NULL AND status IN ($6::text, $7::text)
        AND (status = 'PAID' OR charge_until_ms IS NULL OR charge_until_ms <= $4::bigint)
      RETURNING *`,

    withdrawCancel: `
      UPDATE ${payment} SET cancel_requested_ms = NULL, updated_ms = $4::bigint, next_check_ms = $5::bigint
      WHERE ${isRow}
        AND cancel_requested_ms IS NOT NULL AND status <> 'CANCELLED'
      RETURNING *`,

    claimCharge: `
      UPDATE ${payment} SET charge_until_ms = $4::bigint, next_check_ms = $4::bigint, updated_ms = $5::bigint
      WHERE ${isRow} AND (status = 'PENDING' OR (status = 'FAILED' AND held = 1))
        AND payme_transaction_id IS NOT NULL AND cancel_requested_ms IS NULL
        AND (charge_until_ms IS NULL OR charge_until_ms <= $5::bigint)
      RETURNING *`,

    releaseCharge: `
      UPDATE ${payment} SET charge_until_ms = NULL, updated_ms = $5::bigint,
        next_check_ms = CASE WHEN status = 'PENDING' THEN $6::bigint ELSE next_check_ms END
      WHERE ${isRow} AND charge_until_ms = $4::bigint
      RETURNING *`,

    noteNotification: `
      UPDATE ${payment} SET
        webhook_received_ms = COALESCE(webhook_received_ms, $4::bigint),
        payme_cheque_id = COALESCE($5::text, payme_cheque_id)
      WHERE ${isRow}
      RETURNING *`,

    scheduleCheck: `
      UPDATE ${payment} SET next_check_ms = $4::bigint, held = $5::integer, checks = checks + 1,
        held_ms = COALESCE(held_ms, $7::bigint), updated_ms = $6::bigint
      WHERE ${isRow} AND next_check_ms IS NOT NULL
      RETURNING *`,

    // The WITH chooses the rows once. A sub-select may run again in PostgreSQL and take more rows than the limit.
    claimDue: `
      WITH due AS (
        SELECT id FROM ${payment}
        WHERE cashbox = $1::text AND mode = $2::text AND next_check_ms IS NOT NULL AND next_check_ms <= $3::bigint
          AND (next_check_ms <= $6::bigint
            OR ($7::text LIKE '%,' || kind || ',%' AND ($8::integer = 1
              OR status = 'PENDING' AND payme_transaction_id IS NULL)))
        ORDER BY next_check_ms, id LIMIT $5::integer ${skipLocked})
      UPDATE ${payment} SET next_check_ms = $4::bigint WHERE id IN (SELECT id FROM due)
      RETURNING *`,

    listPending: `
      SELECT * FROM ${payment}
      WHERE cashbox = $1::text AND mode = $2::text AND status = 'PENDING' AND created_ms < $3::bigint
        AND (created_ms, id) > ($4::bigint, $5::text)
      ORDER BY created_ms, id LIMIT $6::integer`,

    listPaid: `
      SELECT * FROM ${payment} WHERE id IN (${SOURCES.map(paidBy).join(" UNION ALL ")})
      ORDER BY paid_ms, id LIMIT $7::integer`,

    listDue: `
      SELECT * FROM ${payment}
      WHERE cashbox = $1::text AND mode = $2::text AND next_check_ms IS NOT NULL AND next_check_ms < $3::bigint
        AND next_check_ms >= $4::bigint AND (next_check_ms, id) > ($4::bigint, $5::text)
      ORDER BY next_check_ms, id LIMIT $6::integer`,

    // A user or a reference may have very many.
    search: `
      SELECT * FROM ${payment}
      WHERE cashbox = $1::text AND mode = $2::text AND id IN (
        SELECT id FROM ${payment} WHERE id = $3::text
        UNION SELECT id FROM ${payment} WHERE payme_transaction_id = $3::text
        UNION SELECT id FROM ${payment} WHERE paid_by = $3::text
        UNION ${newestOf("reference")}
        UNION ${newestOf("user_id")})
      ORDER BY created_ms DESC, id DESC LIMIT $4::integer`,

    totalsOfDays: totals(`
        SELECT CAST(0 AS BIGINT), $3::bigint, ${untilAfter("$3::bigint")}
        UNION ALL SELECT day + 1, until, ${untilAfter("until")} FROM days WHERE until < $4::bigint`),

    // PostgreSQL then knows how few rows it reads. Else it compiles the plan first, which takes ten times as long as to run it.
    totalsOfOne: totals("SELECT CAST(0 AS BIGINT), $3::bigint, $4::bigint"),

    countAll: `
      SELECT status, notified, error_code, CAST(SUM(count) AS BIGINT) AS count FROM ${quoted(tables.count)}
      WHERE cashbox = $1::text AND mode = $2::text
      GROUP BY status, notified, error_code`,

    countOfUser: `${countWithin} AND user_id = $5::text GROUP BY 1, 2, 3`,

    countMade: `${countWithin} GROUP BY 1, 2, 3`,

    countWaiting: `
      SELECT COUNT(*) AS refunding, MIN(cancelled_ms) AS oldest, (
        SELECT COUNT(*) FROM ${event}
        WHERE cashbox = $1::text AND mode = $2::text AND is_incident = 1 AND resolved_ms IS NULL) AS incidents
      FROM ${payment}
      WHERE cashbox = $1::text AND mode = $2::text AND ${IS_REFUNDING}`,
  };
}

/** The verbs on payments over an executor. */
export function paymentVerbs(
  executor: Executor,
  statements: ReturnType<typeof paymentStatements>,
  dialect: Dialect,
): PaymentVerbs {
  const payments = new RowAccess(executor, paymentTable, statements);

  async function totalsOf(
    { cashbox, mode }: Scope,
    { from, to }: { from: number; to: number },
    dayMs: number,
  ): Promise<DayTotals[]> {
    const sql = to - from <= dayMs ? statements.totalsOfOne : statements.totalsOfDays;
    const found = await executor.execute(sql, [cashbox, mode, from, to, dayMs]);
    const rows = found.filter(({ count }) => integer(count) > 0);
    const days = [...new Set(rows.map(({ day }) => integer(day)))].sort((a, b) => a - b);
    return days.flatMap((day) => {
      const of = (kind: string) => rows.filter((row) => row.kind === kind && integer(row.day) === day).map(totalOf);
      return joinTotals(of("paid"), of("refunding"), of("refunded")).map((totals) => ({ day, ...totals }));
    });
  }

  return {
    async findPayment(scope, key, { lock } = {}) {
      if ("id" in key) return payments.first(lock ? statements.findLocked : statements.find, scope, [key.id]);
      if ("paymeId" in key) return payments.first(statements.findByPaymeId, scope, [key.paymeId]);
      if (key.paid) return payments.first(statements.findPaidByReference, scope, [key.reference]);
      const open = await payments.first(statements.findOpenByReference, scope, [key.reference]);
      return open ?? payments.first(statements.findByReference, scope, [key.reference]);
    },

    async addPayment(row, { freeReferenceBefore, mostOpen } = {}) {
      const { cashbox, mode, id, reference, status, userId } = row;
      const room = [cashbox, mode, userId, mostOpen ?? Number.MAX_SAFE_INTEGER] as const;
      const isBounded = mostOpen !== undefined && countsAsOpen(row);
      if (isBounded && dialect === "postgres") await executor.execute(statements.takeTurn, [cashbox, mode, userId]);
      if (reference !== null && status === "PENDING" && freeReferenceBefore !== undefined) {
        await executor.execute(statements.freeReference, [cashbox, mode, reference, freeReferenceBefore, id, ...room]);
      }
      const findOpen = async () => {
        const open =
          reference === null ? undefined : await payments.first(statements.findOpenByReference, row, [reference]);
        return open && ({ outcome: "already_applied", row: open } as const);
      };
      if (!isBounded) return payments.add(row, id, findOpen);
      const isFull = async () => (await executor.execute(statements.isFull, room)).length > 0;
      return payments.add(
        row,
        id,
        async () => (await findOpen()) ?? ((await isFull()) ? { outcome: "too_many_open", row } : undefined),
        async () => (await payments.insertBy(statements.addWithin, row, room))[0],
      );
    },

    changePayment: (scope, id, change) =>
      payments.change(statements.change, scope, [id, ...changeValues(change)], (row) => judgePayment(row, change)),

    attachReceipt: (scope, id, { transactionId, chequeId, payUrl, at, nextCheckAt }) =>
      payments.change(statements.attachReceipt, scope, [id, transactionId, chequeId, payUrl, at, nextCheckAt], (row) =>
        row.transactionId === transactionId ? "already_applied" : "conflict",
      ),

    requestCancel(scope, id, { from: [first, second = first], at, nextCheckAt }) {
      const values = [id, at, nextCheckAt, first, second] as const;
      return payments.change(statements.requestCancel, scope, values, judgeCancelRequest);
    },

    withdrawCancel: (scope, id, { at, nextCheckAt }) =>
      payments.change(statements.withdrawCancel, scope, [id, at, nextCheckAt], ({ status }) =>
        status === "CANCELLED" ? "conflict" : "already_applied",
      ),

    claimCharge: (scope, id, { at, until }) =>
      payments.change(statements.claimCharge, scope, [id, until, at], () => "conflict"),

    releaseCharge: (scope, id, { at, until, nextCheckAt }) =>
      payments.change(statements.releaseCharge, scope, [id, until, at, nextCheckAt], () => "conflict"),

    noteNotification: (scope, id, { at, chequeId }) =>
      payments.change(statements.noteNotification, scope, [id, at, chequeId ?? null], () => "conflict"),

    scheduleCheck: (scope, id, { at, nextCheckAt, held, heldAt = null }) =>
      payments.change(statements.scheduleCheck, scope, [id, nextCheckAt, held ? 1 : 0, at, heldAt], () => "conflict"),

    claimDuePayments: (scope, { now, leaseUntil, limit, kinds = [], asks = true, othersBefore = now }) => {
      const ours = [`,${kinds.join()},`, asks ? 1 : 0] as const;
      return payments.all(statements.claimDue, scope, now, leaseUntil, limit, othersBefore, ...ours);
    },

    listPending: (scope, { before, after, limit }) =>
      payments.all(
        statements.listPending,
        scope,
        before,
        after?.time ?? Number.MIN_SAFE_INTEGER,
        after?.id ?? "",
        limit,
      ),

    listPaid: (scope, { from, to, after, limit }) =>
      payments.all(statements.listPaid, scope, from, to, after?.time ?? from, after?.id ?? "", limit),

    listDue: (scope, { before, after, limit }) =>
      payments.all(statements.listDue, scope, before, after?.time ?? Number.MIN_SAFE_INTEGER, after?.id ?? "", limit),

    async paymentStatistics({ cashbox, mode }, { userId, from, to } = {}) {
      const isAll = userId === undefined && from === undefined && to === undefined;
      const within = [cashbox, mode, from ?? Number.MIN_SAFE_INTEGER, to ?? Number.MAX_SAFE_INTEGER];
      const counting = userId === undefined ? statements.countMade : statements.countOfUser;
      const kinds = isAll
        ? await executor.execute(statements.countAll, [cashbox, mode])
        : await executor.execute(counting, userId === undefined ? within : [...within, userId]);
      const [waiting = {}] = await executor.execute(statements.countWaiting, [cashbox, mode]);
      return {
        ...sumKinds(kinds),
        incidents: integer(waiting.incidents),
        refunding: integer(waiting.refunding),
        oldestRefundAt: waiting.oldest === null ? null : integer(waiting.oldest),
      };
    },

    searchPayments: (scope, { text, limit }) => payments.all(statements.search, scope, text, limit),

    // One day is as long as the whole period.
    paymentTotals: async (scope, { from, to }) =>
      (await totalsOf(scope, { from, to }, Math.max(to - from, 1))).map(({ day: _, ...totals }) => totals),

    paymentDays: (scope, period) => totalsOf(scope, period, DAY_MS),
  };
}

/** Returns statistics from the counts of each kind of payment. */
function sumKinds(kinds: readonly SqlRow[]): Omit<PaymentStatistics, "incidents" | "refunding" | "oldestRefundAt"> {
  const sum = (isMeant: (kind: SqlRow) => boolean) =>
    kinds.reduce((total, kind) => (isMeant(kind) ? total + integer(kind.count) : total), 0);
  const codes = new Set(kinds.map((kind) => text(kind.error_code)).filter((code) => code !== ""));
  return {
    total: sum(() => true),
    paid: sum(({ status }) => status === "PAID"),
    pending: sum(({ status }) => status === "PENDING"),
    failed: sum(({ status }) => status === "FAILED"),
    cancelled: sum(({ status }) => status === "CANCELLED"),
    notified: sum(({ notified }) => integer(notified) === 1),
    errorCodes: [...codes]
      .sort()
      .map((code) => ({ code, count: sum(({ error_code }) => error_code === code) }))
      .filter(({ count }) => count > 0),
  };
}

/** Returns the parameters of a change and its guard, in the order of the statement after the id. */
function changeValues(change: PaymentChange): SqlValue[] {
  const [first, second = first] = change.from;
  return [
    change.to,
    change.at,
    change.paidBy ?? null,
    change.paidSource ?? null,
    change.paidAt ?? null,
    change.chequeId ?? null,
    change.webhookReceivedAt ?? null,
    change.errorCode ?? null,
    change.errorMessage ?? null,
    change.nextCheckAt ?? null,
    first,
    second,
    change.amount ?? null,
    change.unfulfilled === undefined ? null : Number(change.unfulfilled),
    change.refund ?? null,
    change.refundedAt ?? null,
    // 0 clears it.
    change.refundDoubtedAt === undefined ? null : (change.refundDoubtedAt ?? 0),
    change.paidAmount ?? null,
  ];
}
