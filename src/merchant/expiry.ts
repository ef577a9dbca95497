import {
  CLOSED_BY_EXPIRY,
  type Cursor,
  closingBy,
  earliestLive,
  type LedgerTransaction,
  type Outcome,
  type Scope,
  stackOf,
  type TransactionRow,
  withHooks,
} from "../ledger";
import { CancelReason, TransactionState } from "../protocol/states";
import { changeOf, type MerchantContext, storedAccount, subjectOf, transactionEvent } from "./method";
import { asTransaction } from "./order";
import { withoutRefusing } from "./refusal";

/** Cancels an expired transaction inside a transaction of the storage: state -1, reason 4. The order is free. */
export async function releaseExpired<Tx>(
  context: MerchantContext<Tx>,
  { verbs, tx, hook, append }: LedgerTransaction<Tx>,
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
    await hook(changeOf(row), () =>
      withoutRefusing("onReleased", () => context.hooks.onReleased?.(asTransaction(released.row, account), tx)),
    );
    const expired = transactionEvent("transaction.expired", released.row);
    await append([expired], closingBy(subjectOf(row), CLOSED_BY_EXPIRY, expired));
  }
  return released;
}

/** The same in a transaction of its own. */
export function expire<Tx>(context: MerchantContext<Tx>, row: TransactionRow): Promise<Outcome<TransactionRow>> {
  return withHooks(context.ledger, (transaction) => releaseExpired(context, transaction, row));
}

/** The counts of a sweep. */
export interface ExpiryReport {
  readonly expired: number;
  /** Transactions whose `onReleased` threw: see the log and the incidents. The next sweep tries them again. */
  readonly failed: number;
}

/** Expires at most `limit` transactions. Failed ones are skipped, however many: the orders behind them become free. */
export async function sweep<Tx>(context: MerchantContext<Tx>, scope: Scope, limit: number): Promise<ExpiryReport> {
  const { storage, logger } = context;
  const before = earliestLive(context.now());
  let [expired, failed] = [0, 0];
  let after: Cursor | undefined;
  for (;;) {
    const page = await storage.listExpired(scope, { before, after, limit });
    for (const row of page) {
      if (expired === limit) return { expired, failed };
      try {
        if ((await expire(context, row)).outcome === "applied") expired += 1;
      } catch (error) {
        failed += 1;
        logger.error("a transaction could not be expired", { transaction_id: row.paymeId, stack: stackOf(error) });
      }
    }
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return { expired, failed };
    after = { time: last.time, id: last.paymeId };
  }
}
