import { isThenable } from "../../kit/eventual";
import { isExpired } from "../../ledger";
import { type MerchantMethod, requireInteger } from "../method";
import { findPayable, orderBusy, readAccount } from "../payable";

/** Checks whether this account may pay this amount: as CreateTransaction does, but only reading. */
export const checkPerformTransaction: MerchantMethod = async (context, { scope, params }) => {
  const amount = requireInteger(params, "amount");
  const reading = readAccount(context, params.account);
  const read = isThenable(reading) ? await reading : reading;
  const { storage, orderSpace, now } = context;
  await orderSpace.enter(scope);
  const { thing, amount: accepted } = await storage.read(async (tx) => {
    const finding = findPayable(context, tx, scope, read, amount);
    const found = isThenable(finding) ? await finding : finding;
    const holder = found.oneTime
      ? await storage.using(tx).findLiveByOrder(scope, found.reference, orderSpace.name, { ends: true })
      : undefined;
    if (holder !== undefined && !isExpired(holder, now())) throw orderBusy(context, found.field);
    return found;
  });
  const detail = typeof thing.detail === "function" ? thing.detail(accepted) : thing.detail;
  return { result: { allow: true, additional: thing.additional, detail } };
};
