import {
  CLOSED_BY_CANCEL,
  type Committed,
  commitChange,
  type GuardedChange,
  type Incident,
  type TransactionRow,
} from "../../ledger";
import { MerchantErrorCode } from "../../protocol/codes";
import { TransactionState } from "../../protocol/states";
import {
  changeOf,
  type MerchantContext,
  type MerchantMethod,
  requireId,
  requireInteger,
  storedAccount,
  subjectOf,
  transactionEvent,
} from "../method";
import { asTransaction } from "../order";
import { refusalOf, withoutRefusing } from "../refusal";

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
): Promise<Committed<TransactionRow>> {
  const { hooks, ledger, now } = context;
  const account = await storedAccount(context, row);
  const isPaid = row.state === TransactionState.PERFORMED;
  const change: GuardedChange<Tx, TransactionRow> = {
    ...changeOf(row),
    guard: (verbs) =>
      verbs.changeTransaction(row, row.paymeId, {
        from: row.state,
        to: isPaid ? TransactionState.REFUNDED : TransactionState.CANCELLED,
        at: now(),
        reason,
      }),
    events: (changed) => [transactionEvent(isPaid ? "transaction.refunded" : "transaction.cancelled", changed)],
    closes: CLOSED_BY_CANCEL,
  };
  const cancelled = await commitChange(ledger, {
    ...change,
    hook: {
      name: "onRefunded",
      async run(changed, tx) {
        const transaction = asTransaction(changed, account);
        if (!isPaid) {
          await withoutRefusing("onReleased", () => hooks.onReleased?.(transaction, tx));
          return true;
        }
        const mayRefund = (await withoutRefusing("canRefund", () => hooks.canRefund?.(transaction, tx))) ?? true;
        if (!mayRefund) throw refusalOf(MerchantErrorCode.CANNOT_CANCEL);
        const { onRefunded } = hooks;
        return onRefunded === undefined || withoutRefusing("onRefunded", () => hooks.onRefunded?.(transaction, tx));
      },
    },
  });
  if (cancelled.outcome !== "refused") return cancelled;
  // The money goes back whatever the shop says.
  return commitChange(ledger, {
    ...change,
    hook: {
      name: "onNotTakenBack",
      async run(changed, tx) {
        await withoutRefusing("onNotTakenBack", () => hooks.onNotTakenBack?.(asTransaction(changed, account), tx));
        return true;
      },
    },
    events: (changed) => [...change.events(changed), notTakenBack(changed)],
  });
}

function notTakenBack(row: TransactionRow): Incident {
  const { amount, cancelTime: at } = row;
  return { ...subjectOf(row), kind: "not_taken_back", at, data: { amount, source: "merchant" } };
}
