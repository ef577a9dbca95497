import {
  CLOSED_BY_PAYMENT,
  commitChange,
  earliestLive,
  type Incident,
  isExpired,
  recordIncident,
  type TransactionRow,
} from "../../ledger";
import { MerchantErrorCode } from "../../protocol/codes";
import { TransactionState } from "../../protocol/states";
import { expire } from "../expiry";
import { changeOf, type MerchantMethod, requireId, storedAccount, subjectOf, transactionEvent } from "../method";
import { asTransaction } from "../order";
import { refusalOf } from "../refusal";

/** Records that the money is taken: only this call means paid. Applied once; repeats are answered from the row. */
export const performTransaction: MerchantMethod = async (context, { scope, params }) => {
  const id = requireId(params);
  const { storage, ledger, hooks, now } = context;
  const row = await storage.findTransaction(scope, id);
  if (row === undefined) throw refusalOf(MerchantErrorCode.TRANSACTION_NOT_FOUND);
  if (row.state === TransactionState.PERFORMED) return replyOf(row);
  const account = await storedAccount(context, row);
  const performed = await commitChange(ledger, {
    ...changeOf(row),
    guard: (verbs) =>
      verbs.changeTransaction(scope, id, {
        from: TransactionState.CREATED,
        to: TransactionState.PERFORMED,
        at: now(),
        notBefore: earliestLive(now()),
      }),
    hook: hooks.onPaid && {
      name: "onPaid",
      run: (paid, tx) => hooks.onPaid?.(asTransaction(paid, account), tx),
    },
    events: (paid) => [transactionEvent("transaction.performed", paid)],
    closes: CLOSED_BY_PAYMENT,
  });
  if (performed.outcome === "applied" || performed.outcome === "already_applied") {
    return replyOf(performed.row);
  }
  if (performed.outcome === "refused") await recordIncident(ledger, paidElsewhere(performed.row, now()));
  if (performed.outcome === "conflict" && isExpired(performed.row, now())) await expire(context, performed.row);
  throw refusalOf(MerchantErrorCode.CANNOT_PERFORM);
};

/** Payme gives the money back after -31008. A person sees that it did. */
function paidElsewhere(row: TransactionRow, at: number): Incident {
  return {
    ...subjectOf(row),
    kind: "paid_elsewhere",
    at,
    data: { money: "refused", amount: row.amount, source: "merchant" },
  };
}

function replyOf({ transaction, performTime, state }: TransactionRow) {
  return { result: { transaction, perform_time: performTime, state } };
}
