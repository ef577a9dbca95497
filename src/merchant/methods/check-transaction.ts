import { MerchantErrorCode } from "../../protocol/codes";
import { type MerchantMethod, requireId, stateOf } from "../method";
import { refusalOf } from "../refusal";

/** Returns the stored transaction. Changes nothing, not even an expired one. */
export const checkTransaction: MerchantMethod = async ({ storage }, { scope, params }) => {
  const row = await storage.findTransaction(scope, requireId(params));
  if (row === undefined) throw refusalOf(MerchantErrorCode.TRANSACTION_NOT_FOUND);
  return { result: stateOf(row) };
};
