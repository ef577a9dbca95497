import type { MerchantMethod } from "../context";
import { isExpired } from "../expiry";
import { requireAmount } from "../params";
import { findPayable, orderBusy, readAccount } from "./payable";

/** May this account pay this amount? Changes nothing; asks the same as CreateTransaction. */
export const checkPerformTransaction: MerchantMethod = async (context, { scope, params }) => {
  const read = await readAccount(context, params.account);
  const amount = requireAmount(params);
  return context.storage.transaction(async (tx) => {
    const accepted = await findPayable(context, read, amount, tx, scope.mode);
    const holder = accepted.oneTime
      ? await context.storage.using(tx).findLiveByOrder(scope, accepted.orderKey)
      : undefined;
    if (holder !== undefined && !isExpired(holder, context.now())) throw orderBusy(context, accepted.field);
    const { additional, detail } = accepted.thing;
    return { result: { allow: true, additional, detail } };
  });
};
