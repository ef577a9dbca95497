import {
  countsAsOpen,
  judgePayment,
  judgeTransaction,
  paymentGuardHolds,
  transactionGuardHolds,
  type Verbs,
} from "../../../src/ledger";
import { rewritten } from "./broken";

/** Connections on which the database guards nothing: no guards in the changes, no unique keys. */
export const openUnguarded = rewritten(
  ["AND status IN (?, ?) AND", "AND (status IN (?, ?) OR 1 = 1) AND"],
  ["AND state = ? AND", "AND (state = ? OR 1 = 1) AND"],
  ["PRIMARY KEY (payme_id, cashbox, mode)", "CHECK (1 = 1)"],
  ['CREATE UNIQUE INDEX "idx_payme_transaction_held_order"', 'CREATE INDEX "idx_payme_transaction_held_order"'],
  ["LIMIT 1 OFFSET ? - 1", "LIMIT 1 OFFSET ? + 99"],
  ['CREATE UNIQUE INDEX "idx_payme_payment_open_reference"', 'CREATE INDEX "idx_payme_payment_open_reference"'],
);

/**
 * The guards as much code has them: the row is read, looked at, and then written. Right as long as nobody else is there.
 *
 * @param look waits between looking and writing, so that another process surely comes in between.
 */
export function readThenWrite(verbs: Verbs, look: () => Promise<unknown> = async () => {}): Partial<Verbs> {
  return {
    async changePayment(scope, id, change) {
      const row = await verbs.findPayment(scope, { id });
      if (row === undefined || !paymentGuardHolds(row, change)) return judgePayment(row, change);
      await look();
      return verbs.changePayment(scope, id, change);
    },
    async changeTransaction(scope, paymeId, change) {
      const row = await verbs.findTransaction(scope, paymeId);
      if (row === undefined || !transactionGuardHolds(row, change)) return judgeTransaction(row, change);
      await look();
      return verbs.changeTransaction(scope, paymeId, change);
    },
    async addTransaction(row) {
      const same = await verbs.findTransaction(row, row.paymeId);
      if (same !== undefined) return { outcome: "already_applied", row: same };
      const takesOrder = row.source === "merchant" && row.oneTime && (row.state === 1 || row.state === 2);
      const holder = takesOrder ? await verbs.findLiveByOrder(row, row.reference, row.orderSpace) : undefined;
      if (holder !== undefined) return { outcome: "order_busy", row: holder };
      return verbs.addTransaction(row);
    },
    async addPayment(row, options = {}) {
      const same = await verbs.findPayment(row, { id: row.id });
      const named =
        row.reference === null || row.status !== "PENDING"
          ? undefined
          : await verbs.findPayment(row, { reference: row.reference });
      const isOld = named !== undefined && named.createdAt < (options.freeReferenceBefore ?? 0);
      const isTaken = named?.status === "PENDING" && !(isOld && named.chargeUntil === null);
      if (same === undefined && named !== undefined && isTaken) return { outcome: "already_applied", row: named };
      const pending = await verbs.listPending(row, { before: Number.MAX_SAFE_INTEGER, limit: 1_000 });
      const open = pending.filter((each) => each.userId === row.userId && countsAsOpen(each)).length;
      const isFull = countsAsOpen(row) && open >= (options.mostOpen ?? Number.POSITIVE_INFINITY);
      return same === undefined && isFull ? { outcome: "too_many_open", row } : verbs.addPayment(row, options);
    },
  };
}
