import { PaymeStorageError } from "../../kit/errors";
import {
  joinTotals,
  judgePayment,
  type PaymentChange,
  type PaymentKey,
  type PaymentRow,
  type PaymentStatistics,
  type PaymentVerbs,
  type Scope,
} from "../../ledger";
import type { Executor, SqlRow, SqlValue } from "./executor";
import { firstRow, outcomeOf } from "./first-row";
import type { paymentStatements } from "./payment-statements";
import { integer, paymentOf, sqlTime, sqlTimeOrNull, text, totalOf } from "./rows";

/** How often a row is looked for that refused an insert and is gone again. */
const MAX_ATTEMPTS = 3;

/** The verbs on payments over an executor. */
export function paymentVerbs(executor: Executor, statements: ReturnType<typeof paymentStatements>): PaymentVerbs {
  const one = (sql: string, scope: Scope, params: readonly SqlValue[]) =>
    firstRow(executor, sql, scope, params, paymentOf);
  const findById = (scope: Scope, id: string) => one(statements.findById, scope, [id]);

  async function find(scope: Scope, key: PaymentKey): Promise<PaymentRow | undefined> {
    if ("id" in key) return findById(scope, key.id);
    if ("paymeId" in key) return one(statements.findByPaymeId, scope, [key.paymeId]);
    const open = await one(statements.findOpenByReference, scope, [key.reference]);
    return open ?? one(statements.findByReference, scope, [key.reference]);
  }

  return {
    findPayment: find,

    async addPayment(row, { freeReferenceBefore } = {}) {
      if (row.reference !== null && row.status === "PENDING" && freeReferenceBefore !== undefined) {
        const params = [row.cashbox, row.mode, row.reference, freeReferenceBefore, row.id];
        await executor.execute(statements.freeReference, params);
      }
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const added = await one(statements.add, row, valuesOf(row));
        if (added !== undefined) return { outcome: "applied", row: added };
        const same = await findById(row, row.id);
        if (same !== undefined) return { outcome: "already_applied", row: same };
        const open =
          row.reference === null ? undefined : await one(statements.findOpenByReference, row, [row.reference]);
        if (open !== undefined) return { outcome: "already_applied", row: open };
      }
      throw new PaymeStorageError("STORAGE_BUSY", "the row that refused a payment keeps changing");
    },

    async changePayment(scope, id, change) {
      const changed = await one(statements.change, scope, [id, ...changeValues(change)]);
      if (changed !== undefined) return { outcome: "applied", row: changed };
      return judgePayment(await findById(scope, id), change);
    },

    async attachReceipt(scope, id, { transactionId, chequeId, payUrl, at, nextCheckAt }) {
      const params = [id, transactionId, chequeId, payUrl, at, sqlTime(at), nextCheckAt];
      const attached = await one(statements.attachReceipt, scope, params);
      return outcomeOf(
        attached,
        () => findById(scope, id),
        (row) => (row.transactionId === transactionId ? "already_applied" : "conflict"),
      );
    },

    async requestCancel(scope, id, { at, nextCheckAt }) {
      const requested = await one(statements.requestCancel, scope, [id, at, sqlTime(at), nextCheckAt]);
      return outcomeOf(
        requested,
        () => findById(scope, id),
        () => "already_applied",
      );
    },

    async withdrawCancel(scope, id, { at, nextCheckAt }) {
      const withdrawn = await one(statements.withdrawCancel, scope, [id, at, sqlTime(at), nextCheckAt]);
      return outcomeOf(
        withdrawn,
        () => findById(scope, id),
        (row) => (row.status === "CANCELLED" ? "conflict" : "already_applied"),
      );
    },

    async noteNotification(scope, id, { at, chequeId }) {
      const noted = await one(statements.noteNotification, scope, [id, at, sqlTime(at), chequeId ?? null]);
      return noted === undefined ? { outcome: "not_found" } : { outcome: "applied", row: noted };
    },

    async scheduleCheck(scope, id, { at, nextCheckAt, held }) {
      const params = [id, nextCheckAt, held ? 1 : 0, at, sqlTime(at)];
      const scheduled = await one(statements.scheduleCheck, scope, params);
      return outcomeOf(
        scheduled,
        () => findById(scope, id),
        () => "conflict",
      );
    },

    async claimDuePayments({ cashbox, mode }, { now, leaseUntil, limit }) {
      const rows = await executor.execute(statements.claimDue, [cashbox, mode, now, leaseUntil, limit]);
      return rows.map(paymentOf);
    },

    async listPending({ cashbox, mode }, { before, after, limit }) {
      const cursor = [after?.time ?? Number.MIN_SAFE_INTEGER, after?.id ?? ""];
      const rows = await executor.execute(statements.listPending, [cashbox, mode, before, ...cursor, limit]);
      return rows.map(paymentOf);
    },

    async listPaid({ cashbox, mode }, { from, to, after, limit }) {
      const cursor = [after?.time ?? from, after?.id ?? ""];
      return (await executor.execute(statements.listPaid, [cashbox, mode, from, to, ...cursor, limit])).map(paymentOf);
    },

    async paymentStatistics({ cashbox, mode }, { userId } = {}) {
      const kinds = await (userId === undefined
        ? executor.execute(statements.countAll, [cashbox, mode])
        : executor.execute(statements.countOfUser, [cashbox, mode, userId]));
      const [incidents = {}] = await executor.execute(statements.countIncidents, [cashbox, mode]);
      return { ...sumKinds(kinds), incidents: integer(incidents.count) };
    },

    async paymentTotals({ cashbox, mode }, { from, to }) {
      const totals = async (sql: string) => (await executor.execute(sql, [cashbox, mode, from, to])).map(totalOf);
      return joinTotals(await totals(statements.totalsPaid), await totals(statements.totalsRefunded));
    },
  };
}

/** Statistics from the counts of each kind of payment. */
function sumKinds(kinds: readonly SqlRow[]): Omit<PaymentStatistics, "incidents"> {
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

/** What a change sets and what its guard compares, in the order of the statement after the id. */
function changeValues(change: PaymentChange): SqlValue[] {
  const [first, second = first] = change.from;
  return [
    change.to,
    change.at,
    sqlTime(change.at),
    change.paidBy ?? null,
    change.paidSource ?? null,
    change.paidAt ?? null,
    sqlTimeOrNull(change.paidAt),
    change.chequeId ?? null,
    change.webhookReceivedAt ?? null,
    sqlTimeOrNull(change.webhookReceivedAt),
    change.errorCode ?? null,
    change.errorMessage ?? null,
    change.nextCheckAt ?? null,
    first,
    second,
    change.amount ?? null,
  ];
}

/** The columns after cashbox and mode, as the insert names them. */
function valuesOf(row: PaymentRow): SqlValue[] {
  return [
    row.id,
    row.userId,
    row.amount,
    row.status,
    sqlTime(row.createdAt),
    sqlTimeOrNull(row.paidAt),
    row.transactionId,
    row.chequeId,
    row.tariffId,
    row.errorCode,
    row.errorMessage,
    sqlTime(row.updatedAt),
    sqlTimeOrNull(row.webhookReceivedAt),
    row.reference,
    row.description,
    row.data === null || row.data === undefined ? null : JSON.stringify(row.data),
    row.payUrl,
    row.paidBy,
    row.paidSource,
    row.held ? 1 : 0,
    row.createdAt,
    row.updatedAt,
    row.paidAt,
    row.cancelledAt,
    row.webhookReceivedAt,
    row.cancelRequestedAt,
    row.nextCheckAt,
    row.checks,
  ];
}
