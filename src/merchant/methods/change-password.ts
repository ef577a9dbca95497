import { MerchantErrorCode } from "../../protocol/codes";
import type { MerchantMethod } from "../method";
import { refusalOf } from "../refusal";

/** Not in today's docs, but the sandbox calls it. Only where the shop keeps keys itself. */
export const changePassword: MerchantMethod = async ({ changeKey, isKeyOfOtherMode, logger }, { scope, params }) => {
  if (changeKey === undefined) throw refusalOf(MerchantErrorCode.METHOD_NOT_FOUND, "ChangePassword");
  const { password } = params;
  if (typeof password !== "string" || password === "") throw refusalOf(MerchantErrorCode.INVALID_REQUEST, "password");
  if (isKeyOfOtherMode(scope.mode, password)) {
    logger.warn(`ChangePassword with the ${scope.mode} key was refused: the other mode has the new key`);
    throw refusalOf(MerchantErrorCode.INVALID_REQUEST, "password");
  }
  await changeKey(password, scope.mode);
  return { result: { success: true } };
};
