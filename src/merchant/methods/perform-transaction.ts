import { commitChange, earliestLive, isExpired } from "../../ledger";
import { MerchantErrorCode } from "../../protocol/codes";
import { TransactionState } from "../../protocol/states";
import { type MerchantMethod, storedAccount } from "../context";
import { expire, transactionEvent } from "../expiry";
import { asTransaction } from "../order";
import { requireId } from "../params";
import { refusalOf } from "../refusal";
import { performReply } from "../reply";

/** The money is taken: this call alone means paid. Once, however often it comes. */
export const performTransaction: MerchantMethod = async (context, { scope, params }) => {
  const id = requireId(params);
  const { storage, ledger, hooks, now } = context;
  const row = await storage.findTransaction(scope, id);
  if (row === undefined) throw refusalOf(MerchantErrorCode.TRANSACTION_NOT_FOUND);
  if (row.state === TransactionState.PERFORMED) return { result: performReply(row) };
  const account = await storedAccount(context, row);
  const performed = await commitChange(ledger, {
    cashbox: scope.cashbox,
    mode: scope.mode,
    subject: row.orderKey,
    paymeId: id,
    guard: (verbs) =>
      verbs.changeTransaction(scope, id, {
        from: TransactionState.CREATED,
        to: TransactionState.PERFORMED,
        at: now(),
        notBefore: earliestLive(now()),
      }),
    hook: hooks.onPaid && ((paid, tx) => hooks.onPaid?.(asTransaction(paid, account), tx)),
    events: (paid) => [transactionEvent("transaction.performed", paid)],
  });
  if (performed.outcome === "applied" || performed.outcome === "already_applied") {
    return { result: performReply(performed.row) };
  }
  if (performed.outcome === "conflict" && isExpired(performed.row, now())) await expire(context, performed.row);
  throw refusalOf(MerchantErrorCode.CANNOT_PERFORM);
};
