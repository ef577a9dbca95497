import { DAY_MS } from "../../kit/calendar";
import { tiyin } from "../../kit/money";
import { isOpenIncident } from "../../ledger/event";
import type { Outcome, Scope } from "../../ledger/outcome";
import {
  amountTaken,
  changedPayment,
  countsAsOpen,
  judgeCancelRequest,
  judgePayment,
  type PaymentRow,
  paymentGuardHolds,
} from "../../ledger/payment";
import type { PaymentVerbs } from "../../ledger/storage";
import { joinTotals, type PaymentTotals, type SourceTotal } from "../../ledger/totals";
import { freeze, type MemoryTx } from "./memory-table";
import {
  asJson,
  events,
  follow,
  isOf,
  keyOf,
  openByReference,
  openOfUser,
  pageOf,
  paymentByPaymeId,
  payments,
} from "./memory-tables";

/** The verbs on payments over memory tables. */
export function memoryPayments(tx: MemoryTx): PaymentVerbs {
  function savePayment(row: PaymentRow): void {
    const key = keyOf(row, row.id);
    const before = payments(tx).get(key);
    const added = Number(countsAsOpen(row)) - Number(before !== undefined && countsAsOpen(before));
    if (added !== 0) openOfUser(tx).set(keyOf(row, row.userId), { count: openCount(row) + added });
    payments(tx).set(key, freeze(row));
    if (row.transactionId !== null) paymentByPaymeId(tx).set(keyOf(row, row.transactionId), { key });
    if (row.paidBy !== null) paymentByPaymeId(tx).set(keyOf(row, row.paidBy), { key });
    if (row.reference === null) return;
    const reference = keyOf(row, row.reference);
    if (row.status === "PENDING") openByReference(tx).set(reference, { key });
    else if (openByReference(tx).get(reference)?.key === key) openByReference(tx).delete(reference);
  }

  function openCount(row: PaymentRow): number {
    return openOfUser(tx).get(keyOf(row, row.userId))?.count ?? 0;
  }

  /** Saves what `change` returns: the changed row, or the outcome of a guard that held it back. */
  function updatePayment(
    scope: Scope,
    id: string,
    change: (row: PaymentRow) => PaymentRow | "already_applied" | "conflict",
  ): Outcome<PaymentRow> {
    const row = payments(tx).get(keyOf(scope, id));
    if (row === undefined) return { outcome: "not_found" };
    const changed = change(row);
    if (typeof changed === "string") return { outcome: changed, row };
    savePayment(changed);
    return { outcome: "applied", row: changed };
  }

  function totalsWithin(scope: Scope, from: number, to: number): PaymentTotals[] {
    const isWithin = (at: number | null) => at !== null && at >= from && at < to;
    const settled = payments(tx).filter((row) => isOf(scope, row) && isPaid(row));
    const paid = settled.filter((row) => isWithin(row.paidAt));
    const refunding = settled.filter((row) => isWithin(row.cancelledAt) && row.refund !== "done");
    const refunded = settled.filter((row) => isWithin(row.refundedAt));
    return joinTotals(totalsOf(paid), totalsOf(refunding), totalsOf(refunded));
  }

  const createdAt = ({ createdAt: time, id }: PaymentRow) => ({ time, id });

  return {
    async addPayment(row, { freeReferenceBefore = 0, mostOpen = Number.POSITIVE_INFINITY } = {}) {
      const same = payments(tx).get(keyOf(row, row.id));
      if (same !== undefined) return { outcome: "already_applied", row: same };
      const open =
        row.reference === null || row.status !== "PENDING"
          ? undefined
          : follow(payments(tx), openByReference(tx).get(keyOf(row, row.reference)));
      const isBusy = open !== undefined && (open.chargeUntil !== null || open.heldAt !== null);
      const isFull = countsAsOpen(row) && openCount(row) >= mostOpen;
      const isFree = open === undefined || (open.createdAt < freeReferenceBefore && !isBusy && !isFull);
      if (!isFree) return { outcome: "already_applied", row: open };
      if (isFull) return { outcome: "too_many_open", row };
      if (open !== undefined) savePayment({ ...open, reference: null });
      const stored = { ...row, data: asJson(row.data) };
      savePayment(stored);
      return { outcome: "applied", row: stored };
    },

    async findPayment(scope, key) {
      if ("id" in key) return payments(tx).get(keyOf(scope, key.id));
      if ("paymeId" in key) return follow(payments(tx), paymentByPaymeId(tx).get(keyOf(scope, key.paymeId)));
      const open = follow(payments(tx), openByReference(tx).get(keyOf(scope, key.reference)));
      if (open !== undefined && !key.paid) return open;
      const isMeant = (row: PaymentRow) => row.reference === key.reference && (!key.paid || row.paidAt !== null);
      const named = payments(tx).filter((row) => isOf(scope, row) && isMeant(row));
      return pageOf(named, createdAt, { limit: named.length }).at(-1);
    },

    async changePayment(scope, id, change) {
      const row = payments(tx).get(keyOf(scope, id));
      if (row === undefined || !paymentGuardHolds(row, change)) return judgePayment(row, change);
      const changed = changedPayment(row, change);
      savePayment(changed);
      return { outcome: "applied", row: changed };
    },

    async attachReceipt(scope, id, { at, nextCheckAt, ...receipt }) {
      return updatePayment(scope, id, (row) => {
        if (row.transactionId === null) return { ...row, ...receipt, updatedAt: at, nextCheckAt };
        return row.transactionId === receipt.transactionId ? "already_applied" : "conflict";
      });
    },

    async requestCancel(scope, id, { from, at, nextCheckAt }) {
      return updatePayment(scope, id, (row) => {
        const isMeant = row.cancelRequestedAt === null && from.some((status) => status === row.status);
        if (!isMeant || (row.status !== "PAID" && isCharged(row, at))) return judgeCancelRequest(row);
        return { ...row, cancelRequestedAt: at, updatedAt: at, nextCheckAt };
      });
    },

    async withdrawCancel(scope, id, { at, nextCheckAt }) {
      return updatePayment(scope, id, (row) => {
        if (row.status === "CANCELLED") return "conflict";
        if (row.cancelRequestedAt === null) return "already_applied";
        return { ...row, cancelRequestedAt: null, updatedAt: at, nextCheckAt };
      });
    },

    async claimCharge(scope, id, { at, until }) {
      return updatePayment(scope, id, (row) => {
        const { status, held, transactionId, cancelRequestedAt } = row;
        const isUnpaid = status === "PENDING" || (status === "FAILED" && held);
        const isOpen = isUnpaid && transactionId !== null && cancelRequestedAt === null;
        if (!isOpen || isCharged(row, at)) return "conflict";
        return { ...row, chargeUntil: until, nextCheckAt: until, updatedAt: at };
      });
    },

    async releaseCharge(scope, id, { at, until, nextCheckAt }) {
      return updatePayment(scope, id, (row) => {
        if (row.chargeUntil !== until) return "conflict";
        const next = row.status === "PENDING" ? nextCheckAt : row.nextCheckAt;
        return { ...row, chargeUntil: null, nextCheckAt: next, updatedAt: at };
      });
    },

    async noteNotification(scope, id, { at, chequeId }) {
      return updatePayment(scope, id, (row) => ({
        ...row,
        webhookReceivedAt: row.webhookReceivedAt ?? at,
        chequeId: chequeId ?? row.chequeId,
      }));
    },

    async scheduleCheck(scope, id, { at, nextCheckAt, held, heldAt = null }) {
      return updatePayment(scope, id, (row) => {
        if (row.nextCheckAt === null) return "conflict";
        return { ...row, nextCheckAt, held, heldAt: row.heldAt ?? heldAt, checks: row.checks + 1, updatedAt: at };
      });
    },

    async claimDuePayments(scope, { now, leaseUntil, limit, kinds = [], asks = true, othersBefore = now }) {
      const nextCheckAt = (row: PaymentRow) => ({ time: row.nextCheckAt ?? now + 1, id: row.id });
      const dueFrom = ({ kind, status, transactionId }: PaymentRow) => {
        const isOurs = kinds.includes(kind) && (asks || (status === "PENDING" && transactionId === null));
        return isOurs ? now : Math.min(now, othersBefore);
      };
      const due = payments(tx).filter((row) => isOf(scope, row) && nextCheckAt(row).time <= dueFrom(row));
      const claimed = pageOf(due, nextCheckAt, { limit }).map((row) => ({ ...row, nextCheckAt: leaseUntil }));
      claimed.forEach(savePayment);
      return claimed;
    },

    async listPending(scope, { before, ...page }) {
      const isPending = (row: PaymentRow) => row.status === "PENDING" && row.createdAt < before;
      return pageOf(
        payments(tx).filter((row) => isOf(scope, row) && isPending(row)),
        createdAt,
        page,
      );
    },

    async listPaid(scope, { from, to, ...page }) {
      const paidAt = (row: PaymentRow) => ({ time: row.paidAt ?? 0, id: row.id });
      const isMeant = (row: PaymentRow) => isPaid(row) && paidAt(row).time >= from && paidAt(row).time < to;
      return pageOf(
        payments(tx).filter((row) => isOf(scope, row) && isMeant(row)),
        paidAt,
        page,
      );
    },

    async listDue(scope, { before, ...page }) {
      const nextCheckAt = (row: PaymentRow) => ({ time: row.nextCheckAt ?? before, id: row.id });
      return pageOf(
        payments(tx).filter((row) => isOf(scope, row) && nextCheckAt(row).time < before),
        nextCheckAt,
        page,
      );
    },

    async searchPayments(scope, { text, limit }) {
      const isMeant = ({ id, transactionId, paidBy, reference, userId }: PaymentRow) =>
        [id, transactionId, paidBy, reference, userId].includes(text);
      const found = payments(tx).filter((row) => isOf(scope, row) && isMeant(row));
      return pageOf(found, createdAt, { limit: found.length }).reverse().slice(0, limit);
    },

    async paymentStatistics(scope, { userId, from = -Infinity, to = Infinity } = {}) {
      const ours = payments(tx).filter((row) => isOf(scope, row));
      const isMeant = (row: PaymentRow) => row.userId === (userId ?? row.userId);
      const rows = ours.filter((row) => isMeant(row) && row.createdAt >= from && row.createdAt < to);
      const open = events(tx).filter((row) => isOf(scope, row) && isOpenIncident(row));
      const refunds = ours.filter(({ refund }) => refund !== "none" && refund !== "done");
      const begun = refunds.map(({ cancelledAt }) => cancelledAt ?? 0);
      const oldestRefundAt = begun.length === 0 ? null : Math.min(...begun);
      return { ...statisticsOf(rows), incidents: open.length, refunding: refunds.length, oldestRefundAt };
    },

    paymentTotals: async (scope, { from, to }) => totalsWithin(scope, from, to),

    async paymentDays(scope, { from, to }) {
      const days = Array.from({ length: Math.max(0, Math.ceil((to - from) / DAY_MS)) }, (_, day) => day);
      return days.flatMap((day) => {
        const begin = from + day * DAY_MS;
        return totalsWithin(scope, begin, Math.min(to, begin + DAY_MS)).map((totals) => ({ day, ...totals }));
      });
    },
  };
}

function isCharged({ chargeUntil }: PaymentRow, at: number): boolean {
  return chargeUntil !== null && chargeUntil > at;
}

/** True for a payment that was paid, refunded or not. */
function isPaid({ paidAt, paidSource }: PaymentRow): boolean {
  return paidAt !== null && paidSource !== null;
}

/** Sums paid payments by source. */
function totalsOf(rows: readonly PaymentRow[]): SourceTotal[] {
  const totals = new Map<string, SourceTotal>();
  for (const { paidSource: source, ...row } of rows) {
    if (source === null) continue;
    const total = totals.get(source) ?? { source, count: 0, amount: tiyin(0) };
    totals.set(source, { source, count: total.count + 1, amount: tiyin(total.amount + amountTaken(row)) });
  }
  return [...totals.values()];
}

function statisticsOf(rows: readonly PaymentRow[]) {
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
  };
}
