import { isOpenIncident } from "../../ledger/event";
import type { Outcome, Scope } from "../../ledger/outcome";
import {
  changedPayment,
  judgePayment,
  type PaymentKey,
  type PaymentRow,
  paymentGuardHolds,
} from "../../ledger/payment";
import type { PaymentStatistics, PaymentVerbs } from "../../ledger/storage";
import { joinTotals, type SourceTotal } from "../../ledger/totals";
import { byTime, follow, isAfter, isOf, keyOf } from "./memory-keys";
import type { MemoryTx } from "./memory-table";
import { events, openByReference, paymentByPaymeId, payments } from "./memory-tables";

/** The verbs on payments over memory tables. */
export function memoryPayments(tx: MemoryTx): PaymentVerbs {
  function savePayment(row: PaymentRow): void {
    const key = keyOf(row, row.id);
    payments(tx).set(key, row);
    if (row.transactionId !== null) paymentByPaymeId(tx).set(keyOf(row, row.transactionId), { key });
    if (row.paidBy !== null) paymentByPaymeId(tx).set(keyOf(row, row.paidBy), { key });
    if (row.reference === null) return;
    const reference = keyOf(row, row.reference);
    if (row.status === "PENDING") openByReference(tx).set(reference, { key });
    else if (openByReference(tx).get(reference)?.key === key) openByReference(tx).delete(reference);
  }

  /** Changes a payment where a guard holds; otherwise `missed` says what the row as it stands means. */
  function updatePayment(
    scope: Scope,
    id: string,
    guard: (row: PaymentRow) => boolean,
    change: (row: PaymentRow) => PaymentRow,
    missed: (row: PaymentRow) => "already_applied" | "conflict",
  ): Outcome<PaymentRow> {
    const row = payments(tx).get(keyOf(scope, id));
    if (row === undefined) return { outcome: "not_found" };
    if (!guard(row)) return { outcome: missed(row), row };
    const changed = change(row);
    savePayment(changed);
    return { outcome: "applied", row: changed };
  }

  function findPayment(scope: Scope, key: PaymentKey): PaymentRow | undefined {
    if ("id" in key) return payments(tx).get(keyOf(scope, key.id));
    if ("paymeId" in key) return follow(payments(tx), paymentByPaymeId(tx).get(keyOf(scope, key.paymeId)));
    const open = follow(payments(tx), openByReference(tx).get(keyOf(scope, key.reference)));
    if (open !== undefined) return open;
    const named = payments(tx).filter((row) => isOf(scope, row) && row.reference === key.reference);
    return named
      .sort(
        byTime(
          (row) => row.createdAt,
          (row) => row.id,
        ),
      )
      .at(-1);
  }

  return {
    async addPayment(row, options = {}) {
      const same = payments(tx).get(keyOf(row, row.id));
      if (same !== undefined) return { outcome: "already_applied", row: same };
      const open =
        row.reference === null || row.status !== "PENDING"
          ? undefined
          : follow(payments(tx), openByReference(tx).get(keyOf(row, row.reference)));
      if (open !== undefined && open.createdAt >= (options.freeReferenceBefore ?? 0)) {
        return { outcome: "already_applied", row: open };
      }
      if (open !== undefined) savePayment({ ...open, reference: null });
      savePayment(row);
      return { outcome: "applied", row };
    },

    async findPayment(scope, key) {
      return findPayment(scope, key);
    },

    async changePayment(scope, id, change) {
      const row = payments(tx).get(keyOf(scope, id));
      if (row === undefined || !paymentGuardHolds(row, change)) return judgePayment(row, change);
      const changed = changedPayment(row, change);
      savePayment(changed);
      return { outcome: "applied", row: changed };
    },

    async attachReceipt(scope, id, { at, nextCheckAt, ...receipt }) {
      return updatePayment(
        scope,
        id,
        (row) => row.transactionId === null,
        (row) => ({ ...row, ...receipt, updatedAt: at, nextCheckAt }),
        (row) => (row.transactionId === receipt.transactionId ? "already_applied" : "conflict"),
      );
    },

    async requestCancel(scope, id, { at, nextCheckAt }) {
      return updatePayment(
        scope,
        id,
        (row) => row.cancelRequestedAt === null && row.status !== "CANCELLED",
        (row) => ({ ...row, cancelRequestedAt: at, updatedAt: at, nextCheckAt }),
        () => "already_applied",
      );
    },

    async withdrawCancel(scope, id, { at, nextCheckAt }) {
      return updatePayment(
        scope,
        id,
        (row) => row.cancelRequestedAt !== null && row.status !== "CANCELLED",
        (row) => ({ ...row, cancelRequestedAt: null, updatedAt: at, nextCheckAt }),
        (row) => (row.status === "CANCELLED" ? "conflict" : "already_applied"),
      );
    },

    async noteNotification(scope, id, note) {
      return updatePayment(
        scope,
        id,
        () => true,
        (row) => ({
          ...row,
          webhookReceivedAt: row.webhookReceivedAt ?? note.at,
          chequeId: note.chequeId ?? row.chequeId,
        }),
        () => "conflict",
      );
    },

    async scheduleCheck(scope, id, { at, nextCheckAt, held }) {
      return updatePayment(
        scope,
        id,
        (row) => row.nextCheckAt !== null,
        (row) => ({ ...row, nextCheckAt, held, checks: row.checks + 1, updatedAt: at }),
        () => "conflict",
      );
    },

    async claimDuePayments(scope, { now, leaseUntil, limit }) {
      const due = payments(tx)
        .filter((row) => isOf(scope, row) && row.nextCheckAt !== null && row.nextCheckAt <= now)
        .sort(
          byTime(
            (row) => row.nextCheckAt ?? 0,
            (row) => row.id,
          ),
        )
        .slice(0, limit)
        .map((row) => ({ ...row, nextCheckAt: leaseUntil }));
      due.forEach(savePayment);
      return due;
    },

    async listPending(scope, { before, after, limit }) {
      return payments(tx)
        .filter((row) => isOf(scope, row) && row.status === "PENDING" && row.createdAt < before)
        .filter((row) => isAfter(after, row.createdAt, row.id))
        .sort(
          byTime(
            (row) => row.createdAt,
            (row) => row.id,
          ),
        )
        .slice(0, limit);
    },

    async listPaid(scope, { from, to, after, limit }) {
      const paidAt = (row: PaymentRow) => row.paidAt ?? 0;
      return payments(tx)
        .filter((row) => isOf(scope, row) && isPaid(row) && paidAt(row) >= from && paidAt(row) < to)
        .filter((row) => isAfter(after, paidAt(row), row.id))
        .sort(byTime(paidAt, (row) => row.id))
        .slice(0, limit);
    },

    async paymentStatistics(scope, filter = {}) {
      const rows = payments(tx).filter((row) => isOf(scope, row) && row.userId === (filter.userId ?? row.userId));
      const open = events(tx).filter((row) => isOf(scope, row) && isOpenIncident(row));
      return statisticsOf(rows, open.length);
    },

    async paymentTotals(scope, { from, to }) {
      const isWithin = (at: number | null) => at !== null && at >= from && at < to;
      const settled = payments(tx).filter((row) => isOf(scope, row) && isPaid(row));
      const paid = settled.filter((row) => isWithin(row.paidAt));
      const refunded = settled.filter((row) => isWithin(row.cancelledAt));
      return joinTotals(totalsOf(paid), totalsOf(refunded));
    },
  };
}

/** True for a payment that was paid, whatever became of it. */
function isPaid({ paidAt, paidSource }: PaymentRow): boolean {
  return paidAt !== null && paidSource !== null;
}

/** Sums by source; every payment here was paid. */
function totalsOf(rows: readonly PaymentRow[]): SourceTotal[] {
  const totals = new Map<string, SourceTotal>();
  for (const { paidSource: source, amount } of rows) {
    if (source === null) continue;
    const total = totals.get(source) ?? { source, count: 0, amount: 0 };
    totals.set(source, { source, count: total.count + 1, amount: total.amount + amount });
  }
  return [...totals.values()];
}

function statisticsOf(rows: readonly PaymentRow[], incidents: number): PaymentStatistics {
  const count = (test: (row: PaymentRow) => boolean) => rows.filter(test).length;
  const codes = [...new Set(rows.flatMap((row) => row.errorCode ?? []))].sort();
  return {
    total: rows.length,
    paid: count((row) => row.status === "PAID"),
    pending: count((row) => row.status === "PENDING"),
    failed: count((row) => row.status === "FAILED"),
    cancelled: count((row) => row.status === "CANCELLED"),
    notified: count((row) => row.webhookReceivedAt !== null),
    errorCodes: codes.map((code) => ({ code, count: count((row) => row.errorCode === code) })),
    incidents,
  };
}
