import { MerchantErrorCode } from "../../protocol/codes";
import type { MerchantMethod } from "../context";
import { requireId } from "../params";
import { refusalOf } from "../refusal";
import { checkReply } from "../reply";

/** What is known of a transaction. Changes nothing, an expired one neither. */
export const checkTransaction: MerchantMethod = async ({ storage }, { scope, params }) => {
  const row = await storage.findTransaction(scope, requireId(params));
  if (row === undefined) throw refusalOf(MerchantErrorCode.TRANSACTION_NOT_FOUND);
  return { result: checkReply(row) };
};
