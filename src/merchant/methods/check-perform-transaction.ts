import { type MerchantMethod, requireInteger } from "../method";
import { findFree, readAccount } from "../payable";

/** Checks whether this account may pay this amount: as CreateTransaction does, but only reading. */
export const checkPerformTransaction: MerchantMethod = async (context, { scope, params }) => {
  const amount = requireInteger(params, "amount");
  const read = await readAccount(context, params.account);
  const { storage, orderSpace } = context;
  await orderSpace.enter(scope);
  const { thing, ...accepted } = await storage.read((tx) =>
    findFree(context, { tx, verbs: storage.using(tx) }, scope, read, amount),
  );
  const detail = typeof thing.detail === "function" ? thing.detail(accepted.amount) : thing.detail;
  return { result: { allow: true, additional: thing.additional, detail } };
};
