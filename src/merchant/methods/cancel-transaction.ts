import { commitChange, type Outcome, type TransactionRow } from "../../ledger";
import { MerchantErrorCode } from "../../protocol/codes";
import { TransactionState } from "../../protocol/states";
import {
  type MerchantContext,
  type MerchantMethod,
  requireId,
  requireInteger,
  storedAccount,
  transactionEvent,
} from "../method";
import { asTransaction } from "../order";
import { refusalOf } from "../refusal";

/** How often the row is read again after a Perform in between. */
const MAX_ATTEMPTS = 3;

/** Cancels a transaction before it was paid (-1), or refunds it (-2). Repeats are answered from the row. */
export const cancelTransaction: MerchantMethod = async (context, { scope, params }) => {
  const id = requireId(params);
  const reason = requireInteger(params, "reason");
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const row = await context.storage.findTransaction(scope, id);
    if (row === undefined) throw refusalOf(MerchantErrorCode.TRANSACTION_NOT_FOUND);
    if (row.state === TransactionState.CANCELLED || row.state === TransactionState.REFUNDED) {
      return replyOf(row);
    }
    const cancelled = await cancelAsItStands(context, row, reason);
    if (cancelled.outcome === "applied") return replyOf(cancelled.row);
  }
  throw new Error(`transaction ${id} keeps changing`);
};

function replyOf({ transaction, cancelTime, state }: TransactionRow) {
  return { result: { transaction, cancel_time: cancelTime, state } };
}

async function cancelAsItStands<Tx>(
  context: MerchantContext<Tx>,
  row: TransactionRow,
  reason: number,
): Promise<Outcome<TransactionRow>> {
  const { hooks, ledger, now } = context;
  const account = await storedAccount(context, row);
  const isPaid = row.state === TransactionState.PERFORMED;
  return commitChange(ledger, {
    cashbox: row.cashbox,
    mode: row.mode,
    subject: row.reference,
    paymeId: row.paymeId,
    guard: (verbs) =>
      verbs.changeTransaction(row, row.paymeId, {
        from: row.state,
        to: isPaid ? TransactionState.REFUNDED : TransactionState.CANCELLED,
        at: now(),
        reason,
      }),
    async hook(changed, tx) {
      const transaction = asTransaction(changed, account);
      if (!isPaid) return hooks.onReleased?.(transaction, tx);
      const mayRefund = (await hooks.canRefund?.(transaction, tx)) ?? true;
      if (!mayRefund) throw refusalOf(MerchantErrorCode.CANNOT_CANCEL);
      return hooks.onRefunded?.(transaction, tx);
    },
    events: (changed) => [transactionEvent(isPaid ? "transaction.refunded" : "transaction.cancelled", changed)],
  });
}
