import { MerchantErrorCode } from "../../protocol/codes";
import { type MerchantMethod, requireId } from "../method";
import { refusalOf } from "../refusal";

/** Returns the stored transaction. Changes nothing, not even an expired one. */
export const checkTransaction: MerchantMethod = async ({ storage }, { scope, params }) => {
  const row = await storage.findTransaction(scope, requireId(params));
  if (row === undefined) throw refusalOf(MerchantErrorCode.TRANSACTION_NOT_FOUND);
  return {
    result: {
      create_time: row.createTime,
      perform_time: row.performTime,
      cancel_time: row.cancelTime,
      transaction: row.transaction,
      state: row.state,
      reason: row.reason,
    },
  };
};
