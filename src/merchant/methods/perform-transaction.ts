import { after } from "../../kit/eventual";
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
import { refusalOf, withoutRefusing } from "../refusal";

/** Records that the money is taken: only this call means paid. Applied once; repeats are answered from the row. */
export const performTransaction: MerchantMethod = async (context, { scope, params }) => {
  const id = requireId(params);
  const { ledger, hooks, now } = context;
  const performed = await commitChange(ledger, {
    cashbox: scope.cashbox,
    mode: scope.mode,
    subject: id,
    paymeId: id,
    subjectOf: (paid: TransactionRow) => changeOf(paid, TransactionState.CREATED),
    guard: (verbs) => {
      const change = {
        from: TransactionState.CREATED,
        to: TransactionState.PERFORMED,
        at: now(),
        notBefore: earliestLive(now()),
      };
      return verbs.changeTransaction(scope, id, change, { ends: true });
    },
    hook: hooks.onPaid && {
      name: "onPaid",
      run: (paid, tx) =>
        after(storedAccount(context, paid), (account) =>
          withoutRefusing("onPaid", () => hooks.onPaid?.(asTransaction(paid, account), tx)),
        ),
    },
    events: (paid) => [transactionEvent("transaction.performed", paid)],
    closes: CLOSED_BY_PAYMENT,
  });
  if (performed.outcome === "applied" || performed.outcome === "already_applied") {
    return replyOf(performed.row);
  }
  if (performed.outcome === "not_found") throw refusalOf(MerchantErrorCode.TRANSACTION_NOT_FOUND);
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
