import { type LedgerTransaction, type NewEvent, type Outcome, type TransactionRow, withHooks } from "../ledger";
import { CancelReason, TransactionState } from "../protocol/states";
import { concernOf, type MerchantContext, storedAccount } from "./context";
import { asTransaction } from "./order";

/** Cancels an expired transaction inside a transaction of the storage: state -1, reason 4, and the order is free. */
export async function releaseExpired<Tx>(
  context: MerchantContext<Tx>,
  { verbs, tx, hook }: LedgerTransaction<Tx>,
  row: TransactionRow,
): Promise<Outcome<TransactionRow>> {
  const account = await storedAccount(context, row);
  const released = await verbs.changeTransaction(row, row.paymeId, {
    from: TransactionState.CREATED,
    to: TransactionState.CANCELLED,
    at: context.now(),
    reason: CancelReason.TIMEOUT,
  });
  if (released.outcome === "applied") {
    await hook(concernOf(row), () => context.hooks.onReleased?.(asTransaction(released.row, account), tx));
    await verbs.appendEvents([transactionEvent("transaction.expired", released.row)]);
  }
  return released;
}

/** The same in a transaction of its own. */
export function expire<Tx>(context: MerchantContext<Tx>, row: TransactionRow): Promise<Outcome<TransactionRow>> {
  return withHooks(context.ledger, (booking) => releaseExpired(context, booking, row));
}

/** An event of a transaction's story. */
export function transactionEvent(kind: string, row: TransactionRow): NewEvent {
  const { cashbox, mode, orderKey, paymeId, state, reason } = row;
  const at = Math.max(row.createTime, row.performTime, row.cancelTime);
  return { cashbox, mode, kind, subject: orderKey, paymeId, at, data: { state, reason } };
}
